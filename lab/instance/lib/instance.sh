# shellcheck shell=bash
# shellcheck disable=SC2034 # forms and lib/data.sh use them
# One instance on this server: its place, its settings, its start. Sourced by install; a form calls these in turn. The
# instance at hand is in INSTALL_DIR, PROJECT, PORT, DATA_DIR, and in PSQL and REDIS, the commands that reach its
# database and its Redis, whoever runs those.

# clear_interrupted: only what an interrupted install began may be thrown away.
clear_interrupted() {
    local dir
    if [[ ! -e $BEGUN ]]; then return; fi
    while read -r dir; do
        if [[ -e $dir/docker-compose.yml ]]; then (cd "$dir" && docker compose down --timeout 2 </dev/null); fi
        rm -rf "$dir"
    done <"$BEGUN"
    docker ps --all --quiet --filter label=specivo-lab | xargs --no-run-if-empty docker rm --force --volumes
    rm -f "$BEGUN" "$BEGUN.instances"
}

# claim DIR: a new folder of this install. Anything else that is found there is somebody's.
claim() {
    [[ ! -e $1 ]] || die "$1 exists and was not left by an interrupted install; remove it first"
    echo "$1" >>"$BEGUN"
    mkdir -p "$1"
}

# begin_instance INSTALL_DIR PROJECT PORT: from here on, it is about this one.
begin_instance() {
    INSTALL_DIR=$1 PROJECT=$2 PORT=$3
    DATA_DIR=$INSTALL_DIR/specivo-data
    PSQL="docker exec -i $PROJECT-db-1 psql -U specivo -d specivo"
    REDIS="docker exec $PROJECT-redis-1 redis-cli"
    ADMIN_PASSWORD=/root/$PROJECT-admin-password
    API_KEY=/root/$PROJECT-api-key
    claim "$INSTALL_DIR"
    cd "$INSTALL_DIR" || exit
    (umask 077 && head -c 18 /dev/urandom | base64 >"$ADMIN_PASSWORD")
}

# set_value NAME VALUE [FILE]: one line of an environment file, changed or added; VALUE as it is to stand there.
set_value() {
    local file=${3:-.env}
    touch "$file"
    NAME=$1 VALUE=$2 awk '
        index($0, ENVIRON["NAME"] "=") == 1 { print ENVIRON["NAME"] "=" ENVIRON["VALUE"]; done = 1; next }
        { print }
        END { if (!done) print ENVIRON["NAME"] "=" ENVIRON["VALUE"] }' "$file" >"$file.new"
    cat "$file.new" >"$file"
    rm "$file.new"
}

# place_files STACK: the files that Specivo ships, and .env made of its example, with the version pinned.
place_files() {
    cp -R "$SOURCE/$1/." .
    mv env.example .env
    set_value SPECIVO_VERSION "$VERSION"
    set_value COMPOSE_PROJECT_NAME "$PROJECT"
    set_value SPECIVO_PORT "$PORT"
}

# start COMMAND...: it returns once api is healthy and its dependents are started; a worker may still die right after.
start() {
    local service
    "$@" </dev/null
    for service in celery-worker celery-beat nginx; do
        [[ -n $(docker compose ps --quiet --status running "$service") ]] ||
            die "$service of $PROJECT does not run; see: docker compose logs $service"
    done
}

# start_with_compose: what `docker compose up --detach` does, in its order and with the same containers.
start_with_compose() { start up_without_waiting; }

# up_without_waiting: asks api itself, as Docker's health check, for which compose waits, asks for the first time after ten
# seconds. api waits for its database by its own means.
up_without_waiting() {
    local own='api|celery-worker|celery-beat|nginx' others
    docker compose pull --quiet
    docker compose create
    mapfile -t others < <(docker compose config --services | grep -vxE "$own")
    run "${others[@]}"
    run api
    until_api_answers
    run celery-worker celery-beat nginx
}

# run SERVICE...: starts containers that are there.
run() {
    local ids
    mapfile -t ids < <(docker compose ps --all --quiet "$@")
    docker start "${ids[@]}"
}

until_api_answers() {
    local address
    address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' \
        "$(docker compose ps --quiet api)")
    until_true 90 curl --silent --fail --max-time 2 --output /dev/null "http://$address:8000/health/" ||
        die "api of $PROJECT does not answer after 90 s; see: docker compose logs api"
}

create_admin() {
    docker compose exec -T api python -m specivo.cli.admin create --login admin --email admin@example.org \
        --password "$(<"$ADMIN_PASSWORD")" </dev/null
}

# end_instance: notes how this one is reached; the last word about it.
end_instance() {
    jq --null-input --arg installDir "$INSTALL_DIR" --arg project "$PROJECT" --argjson port "$PORT" \
        --arg dataDir "$DATA_DIR" --arg psql "$PSQL" --arg apiKey "$API_KEY" \
        '{ $installDir, $project, $port, $dataDir, $psql, $apiKey }' >>"$BEGUN.instances"
}
