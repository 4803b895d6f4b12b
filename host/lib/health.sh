# Whether the application is well, as its users and its queue see it.

# The base URL of the api's container on the project's network, reachable from the server itself.
api_url() {
    printf 'http://%s:8000%s' "$(inspect api '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}' | head -n 1)" "$(stealth_prefix)"
}

# STEALTH_PREFIX moves every page, the health page too: `hidden`, `/hidden` and `/hidden/` are all /hidden.
stealth_prefix() {
    inspect api '{{range .Config.Env}}{{println .}}{{end}}' | sed -nE 's#^STEALTH_PREFIX=/*([^/].*[^/]|[^/])/*$#/\1#p'
}

# The base URL of the door that users come through: nginx's published port. Empty when there is none.
door_url() {
    local binding address
    binding=$(inspect nginx '{{with index .NetworkSettings.Ports "80/tcp"}}{{(index . 0).HostIp}} {{(index . 0).HostPort}}{{end}}')
    [[ -n $binding ]] || return 0
    address=${binding% *}
    if [[ -z $address || $address == 0.0.0.0 || $address == :: ]]; then address=127.0.0.1; fi
    printf 'http://%s:%s%s' "$address" "${binding##* }" "$(stealth_prefix)"
}

# What a visitor without a session gets.
redirects_to_sign_in() {
    [[ $(curl -s -o /dev/null --noproxy '*' --max-time 10 -w '%{http_code}' "$1/") == 302 ]]
}

# within SECONDS COMMAND...: until it holds
within() {
    local deadline
    clock
    deadline=$((CLOCK + $1))
    shift
    until "$@"; do
        clock
        ((CLOCK < deadline)) || return 1
        sleep 0.2
    done
}

# health_body_good URL [PREFIX...]: /health/ always answers 200, with a dead database too: only its body tells. The prefix is a command
# that runs another, where the URL leads from here to elsewhere.
health_body_good() {
    "${@:2}" curl -fsS --noproxy '*' --max-time 5 "$1/health/" 2>/dev/null |
        jq -e '.status == "ok" and .database == "ok" and .redis == "ok"' >/dev/null 2>&1
}

# Seconds that a new version may take to start, its migrations included.
start_limit() {
    offsite '.startTimeout // 900'
}

# Until the api answers well, migrations included; compose's own limit is about 80 s. Fails early when its container keeps
# restarting.
api_wait() {
    local limit=${API_LIMIT:-$(start_limit)} status=0
    clock
    progress_start start_progress "$(container api)" "$CLOCK" "$limit"
    api_well_within "$limit" || status=1
    progress_stop
    return "$status"
}

api_well_within() {
    local began deadline first restarts
    clock
    began=$CLOCK
    deadline=$((CLOCK + $1))
    first=$(inspect api '{{.RestartCount}}')
    while ((CLOCK < deadline)); do
        if health_body_good "$(api_url)"; then
            return 0
        fi
        restarts=$(inspect api '{{.RestartCount}}')
        # On a full disk it may start, or neither become well nor end.
        if ((${restarts:-0} - ${first:-0} >= 2)) || { ((CLOCK > began + 60)) && disk_full; }; then
            return 1
        fi
        sleep 0.1
        clock
    done
    return 1
}

# nginx may know the api by an address it does not have any more: for 5 s with the configuration shipped since 0.1.6, for good with an
# older one. It looks anew when it reads its configuration again; that is only done at once where it would read the same
# as when it started.
door_refresh() {
    local nginx
    nginx=$(container nginx)
    [[ -n $nginx && $(state_of nginx) == running ]] || return 0
    if door_edited "$nginx"; then
        ! within 7 health_body_good "$(door_url)" || return 0
        say "nginx does not find the new api; it is told to read its configuration again"
    fi
    door_reload "$nginx"
}

# door_reload NGINX
door_reload() {
    local words
    words=$(docker exec "$1" nginx -s reload 2>&1) || say "nginx can't be told to look for the api ($words)"
}

# Whether what this server gives nginx as configuration was touched since nginx started.
door_edited() {
    local started
    started=$(docker inspect --format '{{.State.StartedAt}}' "$1")
    door_configuration "$1" -newermt "$started" -print -quit | grep -q .
}

# door_configuration NGINX FIND-ACTION...: `find` over the files that this server gives nginx as configuration.
door_configuration() {
    local source
    docker inspect --format '{{range .Mounts}}{{println .Destination .Source}}{{end}}' "$1" | sed -n 's#^/etc/nginx[^ ]* ##p' |
        while read -r source; do find "$source" -type f "${@:2}"; done
}

api_log_tail() {
    log_tail "$(container api)"
}

# log_tail CONTAINER: the end of its log, in one line, without the questions whether it is well, and with the last error before it. An
# application that rejects a setting may print it: the values of its own settings are struck out, the longest first (but for the
# password that everybody knows).
log_tail() {
    docker logs --tail 2000 "$1" 2>&1 | jq -Rrs --slurpfile inspected <(docker inspect "$1") '
        ($inspected[0][0].Config.Env
            | map(capture("^(?<key>[^=]+)=(?<value>.+)$"; "s") | select(.key | test("SECRET|PASSWORD|TOKEN|KEY|URL")))
            | map(.value, (.value | capture("://[^:/]*:(?<password>.+)@") | .password))
            | map(select(length > 5 and . != "specivo")) | sort_by(-length)) as $secrets
        | reduce $secrets[] as $secret (.; split($secret) | join("***"))
        | split("\n") | map(select(. != "" and (test("\"GET [^ ]*/health/? HTTP/") | not)) | .[0:300])
        # What a failed statement says of itself may be longer than the end.
        | .[-60:] | (.[:-5] | map(select(test("^[A-Za-z_][A-Za-z0-9_.]*(Error|Exception): "))) | .[-1:]) + .[-5:] | join(" | ")'
}

# Nothing of the application is starting, or failing at it, any more.
services_steady() {
    local service
    container_is_healthy api && health_body_good "$(door_url)" || return 1
    for service in celery-worker celery-beat; do
        [[ $(state_of "$service") == running ]] || return 1
        (($(date +%s) - $(date -d "$(inspect "$service" '{{.State.StartedAt}}')" +%s) >= 10)) || return 1
    done
}

# The health check of the container itself, as `docker ps` shows it: container_healthy_wait SERVICE SECONDS
container_healthy_wait() {
    within "$2" container_is_healthy "$1"
}

container_is_healthy() {
    [[ $(health_of "$1") == healthy ]]
}
