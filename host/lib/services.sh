# The services that run the application image: stopped, moved to another image, started. Database, Redis and nginx are never
# touched: --no-deps and named services, always.

# Seconds that tasks of the worker may take to end by themselves.
readonly TASKS_END_LIMIT=60

# on_image SERVICE IMAGE-ID: runs, and from that image
on_image() {
    [[ $(state_of "$1") == running && $(image_id_of "$1") == "$2" ]]
}

# Nothing writes any more: beat first, then the worker when its tasks are done, then the api.
services_stop() {
    local service id limit
    for service in celery-beat celery-worker api; do
        limit=10
        [[ $service != celery-worker ]] || limit=$TASKS_END_LIMIT
        # There may be several workers.
        for id in $(containers_of "$service"); do
            container_stop "$limit" "$id" || return 1
        done
    done
}

# container_stop SECONDS ID: noted until it is done, for Docker goes on with it when this operation is killed, and a container that still
# runs then is not one that stays. A full disk is no reason not to stop it.
container_stop() {
    { echo "$2" >"$JOB/stopping"; } 2>/dev/null || true
    docker stop -t "$1" "$2" >/dev/null && rm -f "$JOB/stopping"
}

# container_stop_end: of an operation that was killed.
container_stop_end() {
    local id
    [[ -e $JOB/stopping ]] || return 0
    id=$(<"$JOB/stopping")
    docker stop -t "$TASKS_END_LIMIT" "$id" >/dev/null 2>&1 || ! docker inspect "$id" >/dev/null 2>&1 || return 1
    rm -f "$JOB/stopping"
}

# Its output goes to a file: written to a connection that is gone, it would kill compose half-way.
compose_up() {
    compose up -d --no-deps --no-build --pull never "$@" >"$WORK/compose" 2>&1 && return 0
    say "docker compose up $*: $(last_words "$WORK/compose" 3)"
    return 1
}

# services_move IMAGE-ID [beside]: api first, then worker and beat, to what .env pins now; `beside`: the new api first runs beside the
# old one. Sets RECREATED. Fails (returns 1) when the api does not become healthy, with the services behind it as they were, or
# when another image came to run.
services_move() {
    local image=$1 beside=${2:-} service
    RECREATED=()
    if ! on_image api "$image"; then
        RECREATED+=(api)
        if [[ -n $beside ]]; then
            cut_over "$image" || return 1
        else
            say "starting api"
            compose_up api || return 1
            api_name "$(container api)"
            api_wait || return 1
            door_refresh
        fi
    fi
    api_wait || return 1
    within 15 health_body_good "$(door_url)" || true
    workers_move "$image" || return 1
    for service in "${APP_SERVICES[@]}"; do
        on_image "$service" "$image" || return 1
    done
}

# workers_move IMAGE-ID: worker and beat, where they are not there yet.
workers_move() {
    local image=$1 service others=()
    for service in celery-worker celery-beat; do
        on_image "$service" "$image" || others+=("$service")
    done
    ((${#others[@]} > 0)) || return 0
    say "starting ${others[*]}"
    compose_up --timeout "$TASKS_END_LIMIT" "${others[@]}" || return 1
    RECREATED+=("${others[@]}")
}

# services_revive: containers of the instance that Docker tried to start again and could not, as on a full disk: it tries that but once.
# A filter by status would miss them, for `docker ps` goes on calling them restarting.
services_revive() {
    local id
    for id in $(containers_listed -q); do
        [[ ! $(docker inspect --format '{{.State.Status}} {{.State.Error}}' "$id") =~ ^exited\ . ]] || docker start "$id" >/dev/null || return 1
    done
}

# After a restore tasks wait in the queue for rows that do not exist any more. Nothing else in Redis is touched.
queues_empty() {
    local url pattern
    url=$(inspect api '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^REDIS_URL=//p')
    pattern='^rediss?://(([^:@/]*)(:([^@]*))?@)?([^:/?]+)(:([0-9]+))?(/([0-9]+))?'
    [[ $url =~ $pattern ]] || fail "the api's REDIS_URL can't be understood; the tasks that wait there could not be removed."
    local host=${BASH_REMATCH[5]} port=${BASH_REMATCH[7]:-6379} number=${BASH_REMATCH[9]:-0} id
    local -a user=() tls=()
    [[ $url != rediss:* ]] || tls=(--tls)
    [[ -z ${BASH_REMATCH[2]} ]] || user=(--user "$(url_decode "${BASH_REMATCH[2]}")")
    REDISCLI_AUTH=$(url_decode "${BASH_REMATCH[4]}")
    export REDISCLI_AUTH
    id=$(container "$host")
    if [[ -n $id ]]; then
        docker exec ${REDISCLI_AUTH:+-e REDISCLI_AUTH} "$id" redis-cli "${tls[@]}" -p "$port" -n "$number" "${user[@]}" DEL celery unacked unacked_index unacked_mutex
    else
        docker run --rm --network "$(inspect api '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' | head -n 1)" \
            --add-host host.docker.internal:host-gateway ${REDISCLI_AUTH:+-e REDISCLI_AUTH} --entrypoint redis-cli "$(redis_image)" \
            "${tls[@]}" -h "$host" -p "$port" -n "$number" "${user[@]}" DEL celery unacked unacked_index unacked_mutex
    fi >"$WORK/redis" 2>&1 || fail "the tasks that wait in Redis could not be removed ($(last_words "$WORK/redis"))."
    [[ $(<"$WORK/redis") =~ ^[0-9]+$ ]] || fail "the tasks that wait in Redis could not be removed ($(last_words "$WORK/redis"))."
}

redis_image() {
    local image
    image=$(inspect redis '{{.Image}}')
    [[ -n $image ]] || image=$(compose config --images redis 2>/dev/null) || image=redis:7-alpine
    printf '%s' "$image"
}
