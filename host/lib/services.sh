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
        id=$(container "$service")
        [[ -n $id ]] || continue
        limit=10
        [[ $service != celery-worker ]] || limit=$TASKS_END_LIMIT
        docker stop -t "$limit" "$id" >/dev/null || return 1
    done
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
    local image=$1 beside=${2:-} service moved others=()
    RECREATED=()
    if ! on_image api "$image"; then
        if [[ -n $beside ]]; then
            cut_over "$image" || return 1
        else
            say "starting api"
            compose_up api || return 1
            api_name "$(container api)"
            api_wait || return 1
            door_refresh
        fi
        RECREATED+=(api)
    fi
    api_wait || return 1
    within 15 health_body_good "$(door_url)" || true
    clock
    moved=$CLOCK
    for service in celery-worker celery-beat; do
        on_image "$service" "$image" || others+=("$service")
    done
    if ((${#others[@]} > 0)); then
        say "starting ${others[*]}"
        compose_up --timeout "$TASKS_END_LIMIT" "${others[@]}" || return 1
        RECREATED+=("${others[@]}")
    fi
    for service in "${APP_SERVICES[@]}"; do
        on_image "$service" "$image" || return 1
    done
    cut_over_ends "$moved"
}

# After a restore tasks wait in the queue for rows that do not exist any more. Nothing else in Redis is touched.
queues_empty() {
    local url pattern
    url=$(inspect api '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^REDIS_URL=//p')
    pattern='^rediss?://(([^:@/]*)(:([^@]*))?@)?([^:/?]+)(:([0-9]+))?(/([0-9]+))?'
    [[ $url =~ $pattern ]] || fail "the api's REDIS_URL can't be understood; the tasks that wait there could not be removed."
    local host=${BASH_REMATCH[5]} port=${BASH_REMATCH[7]:-6379} number=${BASH_REMATCH[9]:-0} id
    local -a user=()
    [[ -z ${BASH_REMATCH[2]} ]] || user=(--user "$(url_decode "${BASH_REMATCH[2]}")")
    REDISCLI_AUTH=$(url_decode "${BASH_REMATCH[4]}")
    export REDISCLI_AUTH
    id=$(container "$host")
    if [[ -n $id ]]; then
        docker exec ${REDISCLI_AUTH:+-e REDISCLI_AUTH} "$id" redis-cli -p "$port" -n "$number" "${user[@]}" DEL celery unacked unacked_index unacked_mutex
    else
        docker run --rm --network "$(inspect api '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' | head -n 1)" \
            --add-host host.docker.internal:host-gateway ${REDISCLI_AUTH:+-e REDISCLI_AUTH} --entrypoint redis-cli "$(redis_image)" \
            -h "$host" -p "$port" -n "$number" "${user[@]}" DEL celery unacked unacked_index unacked_mutex
    fi >"$WORK/redis" 2>&1 || fail "the tasks that wait in Redis could not be removed ($(last_words "$WORK/redis"))."
    [[ $(<"$WORK/redis") =~ ^[0-9]+$ ]] || fail "the tasks that wait in Redis could not be removed ($(last_words "$WORK/redis"))."
}

redis_image() {
    local image
    image=$(inspect redis '{{.Image}}')
    [[ -n $image ]] || image=$(compose config --images redis 2>/dev/null) || image=redis:7-alpine
    printf '%s' "$image"
}
