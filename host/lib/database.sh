# The effective database: the one the running api is connected to, which need not be the bundled one.

# Percent-decoding, as in the user and password of a URL.
url_decode() {
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

# Reads DATABASE_URL of the api's container into PGUSER, PGPASSWORD, PGDATABASE, PGHOST, PGPORT (for docker's -e NAME, so that
# no value stands in an argument list), and DB_CONTAINER (empty for an external server). Fails when the api has none.
database_load() {
    local api url pattern
    api=$(container api)
    [[ -n $api ]] || return 1
    url=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$api" | sed -n 's/^DATABASE_URL=//p')
    pattern='^postgres(ql)?(\+[a-z0-9]+)?://([^:@/]*)(:([^@]*))?@(\[[^]]+\]|[^:/?]+)(:([0-9]+))?/([^?]*)'
    [[ $url =~ $pattern ]] || return 1
    PGUSER=$(url_decode "${BASH_REMATCH[3]}")
    PGPASSWORD=$(url_decode "${BASH_REMATCH[5]}")
    PGHOST=$(tr -d "[]" <<<"${BASH_REMATCH[6]}")
    PGPORT=${BASH_REMATCH[8]:-5432}
    PGDATABASE=$(url_decode "${BASH_REMATCH[9]}")
    export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE
    DB_CONTAINER=$(container "$PGHOST")
}

# postgres TOOL [ARG...]: a PostgreSQL client of the server's own version, on the effective database, stdin passed on.
# Bundled: inside the server's container, over its local socket. External: in a container of the db image on the project's
# network, where the host name means what it means to the api.
postgres() {
    local image network
    if [[ -n $DB_CONTAINER ]]; then
        docker exec -i -e PGUSER -e PGPASSWORD -e PGDATABASE "$DB_CONTAINER" "$@"
    else
        image=$(inspect db '{{.Image}}')
        # An install with an external server may have taken the service out of its compose file.
        [[ -n $image ]] || image=$(compose config --images db 2>/dev/null) || image=pgvector/pgvector:pg18
        network=$(inspect api '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' | head -n 1)
        docker run --rm -i --network "$network" --add-host host.docker.internal:host-gateway \
            -e PGUSER -e PGPASSWORD -e PGDATABASE -e PGHOST -e PGPORT --entrypoint "$1" "$image" "${@:2}"
    fi
}

sql() {
    postgres psql -XAtq -v ON_ERROR_STOP=1 -c "$1" </dev/null
}

# Read with SQL: `alembic current` of an older image fails on a newer schema.
schema_revision() {
    sql 'SELECT version_num FROM alembic_version'
}
