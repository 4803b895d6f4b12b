# Whether the application is well, as its users and its queue see it.

# The address of the api's container on the project's network, reachable from the server itself.
api_address() {
    inspect api '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}' | head -n 1
}

# The base URL of the door that users come through: nginx's published port. Empty when there is none.
door_url() {
    local binding address
    binding=$(inspect nginx '{{with index .NetworkSettings.Ports "80/tcp"}}{{(index . 0).HostIp}} {{(index . 0).HostPort}}{{end}}')
    [[ -n $binding ]] || return 0
    address=${binding% *}
    if [[ -z $address || $address == 0.0.0.0 || $address == :: ]]; then address=127.0.0.1; fi
    printf 'http://%s:%s' "$address" "${binding##* }"
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

# /health/ always answers 200, with a dead database too: only its body tells.
health_body_good() {
    curl -fsS --noproxy '*' --max-time 5 "$1/health/" 2>/dev/null |
        jq -e '.status == "ok" and .database == "ok" and .redis == "ok"' >/dev/null 2>&1
}

# Until the api answers well, migrations included; compose's own limit is about 80 s. Fails early when its container keeps
# restarting.
api_wait() {
    local deadline first restarts
    clock
    deadline=$((CLOCK + $(offsite '.startTimeout // 900')))
    first=$(inspect api '{{.RestartCount}}')
    while ((CLOCK < deadline)); do
        if health_body_good "http://$(api_address):8000"; then
            return 0
        fi
        restarts=$(inspect api '{{.RestartCount}}')
        if ((${restarts:-0} - ${first:-0} >= 2)); then
            return 1
        fi
        sleep 0.3
        clock
    done
    return 1
}

# The end of the api's log, in one line. An application that rejects a setting may print it: the values of its own settings
# are struck out, the longest first (but for the password that everybody knows).
api_log_tail() {
    local api
    api=$(container api)
    docker logs --tail 5 "$api" 2>&1 | jq -Rrs --slurpfile inspected <(docker inspect "$api") '
        ($inspected[0][0].Config.Env
            | map(capture("^(?<key>[^=]+)=(?<value>.+)$"; "s") | select(.key | test("SECRET|PASSWORD|TOKEN|KEY|URL")))
            | map(.value, (.value | capture("://[^:/]*:(?<password>.+)@") | .password))
            | map(select(length > 5 and . != "specivo")) | sort_by(-length)) as $secrets
        | reduce $secrets[] as $secret (.; split($secret) | join("***"))
        | split("\n") | map(select(. != "") | .[0:300]) | join(" | ")'
}

# The health check of the container itself, as `docker ps` shows it: container_healthy_wait SERVICE SECONDS
container_healthy_wait() {
    within "$2" container_is_healthy "$1"
}

container_is_healthy() {
    [[ $(health_of "$1") == healthy ]]
}
