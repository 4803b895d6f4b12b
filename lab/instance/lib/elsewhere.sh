# shellcheck shell=bash
# shellcheck disable=SC2034 # forms and lib/data.sh use them
# A PostgreSQL and a Redis on this server that are not Specivo's own: containers of no compose project, with other names,
# user, password, database and ports, their data beside the instance. Sourced by forms that use them.

DATABASE_ELSEWHERE=postgresql+asyncpg://tracker_app:9e1f4c77d0@host.docker.internal:5433/tracker
REDIS_ELSEWHERE=redis://:5b20c6a8f3@host.docker.internal:6380/2

# start_elsewhere: both, and PSQL and REDIS lead to them from here on.
start_elsewhere() {
    claim /srv/postgresql
    claim /srv/redis
    docker run --detach --quiet --name postgresql-of-all --label specivo-lab --restart unless-stopped \
        --publish 5433:5432 --volume /srv/postgresql:/var/lib/postgresql --env POSTGRES_USER=tracker_app \
        --env POSTGRES_PASSWORD=9e1f4c77d0 --env POSTGRES_DB=tracker pgvector/pgvector:pg18
    docker run --detach --quiet --name redis-of-all --label specivo-lab --restart unless-stopped \
        --publish 6380:6379 --volume /srv/redis:/data redis:7-alpine \
        redis-server --appendonly yes --requirepass 5b20c6a8f3
    PSQL="docker exec -i postgresql-of-all psql -U tracker_app -d tracker"
    REDIS="docker exec redis-of-all redis-cli --no-auth-warning -a 5b20c6a8f3 -n 2"
}
