# The cut-over that nobody notices: the new api starts beside the old one, and nginx is led from one to the other at one moment.
# Only where both may serve the same data.
#
# Compose alone can't do it: nginx would take both for one service as soon as they listen, and go on dialling an address for
# some seconds after its container is gone. So a rule in nginx's own network says which of them it may dial. A dial that
# is refused costs nobody anything, nginx takes the next address at once.

readonly API_PORT=8000
readonly CUT_OVER_CHAIN=SPECIVO-CUT-OVER
# Seconds that requests to the old api may take to end by themselves.
readonly REQUESTS_END_LIMIT=60
# Seconds for which nginx may go on using an address, at most, for this way to be taken.
readonly LOOKUP_LIMIT=30

# Why this server can't do it; empty when it can.
cut_over_obstacle() {
    local api nginx looks=() state name ports
    api=$(container api) nginx=$(container nginx)
    if [[ -z $api || -z $nginx ]]; then
        echo "there is no container of api or nginx"
        return
    fi
    mapfile -t looks < <(docker inspect --format '{{.State.Status}} {{.Name}} {{len .HostConfig.PortBindings}}' "$api" "$nginx")
    read -r state name ports <<<"${looks[0]}"
    if [[ $state != running || ${looks[1]} != "running "* ]]; then
        echo "api or nginx does not run"
    elif [[ ! $name =~ ^/"$PROJECT"[-_]api[-_][0-9]+$ ]]; then
        echo "the api's container has a name of its own"
    elif ((ports > 0)); then
        echo "the api publishes a port of its own"
    elif [[ -z $(shared_network "$nginx" "$api") ]]; then
        echo "api and nginx share no network"
    elif [[ -z $(nginx_lookup "$nginx") ]]; then
        echo "nginx keeps the api's address"
    elif ! command -v iptables >/dev/null || ! command -v nsenter >/dev/null; then
        echo "the server lacks iptables or nsenter"
    elif (($(memory_available) < $(api_memory))); then
        echo "there is too little memory for a second api"
    fi
}

# shared_network CONTAINER OTHER: the name of a network that both are in.
shared_network() {
    docker inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' "$1" "$2" | sed '/^$/d' | sort | uniq -d | head -n 1
}

# nginx_lookup NGINX: for how many seconds nginx uses an address before it asks again, from the configuration it was started
# with. Empty when it asks but once, for too long, or when that can't be told.
nginx_lookup() {
    local text seconds
    ! door_edited "$1" || return 0
    text=$(door_configuration "$1" -exec cat {} +)
    # A name written out after proxy_pass is looked up at the start alone.
    [[ $text =~ proxy_pass && ! $text =~ proxy_pass[[:space:]]+https?://[a-z] && ! $text =~ upstream[[:space:]]+[a-z_]+[[:space:]]*\{ ]] || return 0
    seconds=$(sed -nE 's/^[^#]*resolver[^#]* valid=([0-9]+)s?[ ;].*/\1/p' <<<"$text" | sort -n | tail -n 1)
    ((${seconds:-LOOKUP_LIMIT + 1} > LOOKUP_LIMIT)) || echo "$seconds"
}

# address_of CONTAINER NETWORK
address_of() {
    docker inspect --format "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}" "$1"
}

# in_network_of CONTAINER COMMAND...: the server's command, in the container's network.
in_network_of() {
    nsenter --target "$(docker inspect --format '{{.State.Pid}}' "$1")" --net "${@:2}"
}

# traffic_only_to NGINX ADDRESS: from now on nginx can dial that api and no other. Each change is a single step: between two there
# would be a moment in which nothing can be dialled.
traffic_only_to() {
    local rule=(-p tcp ! -d "$2" -j REJECT --reject-with tcp-reset) unit
    unit=$(traffic_unit)
    systemctl stop "$unit.timer" "$unit.service" 2>/dev/null || true
    # Freeing it may have been stopped half-way.
    if in_network_of "$1" iptables -w -C OUTPUT -p tcp --syn --dport "$API_PORT" -j "$CUT_OVER_CHAIN" 2>/dev/null &&
        in_network_of "$1" iptables -w -n -L "$CUT_OVER_CHAIN" 1 2>/dev/null | grep -q .; then
        in_network_of "$1" iptables -w -R "$CUT_OVER_CHAIN" 1 "${rule[@]}"
    else
        traffic_free "$1"
        in_network_of "$1" iptables -w -N "$CUT_OVER_CHAIN" &&
            in_network_of "$1" iptables -w -A "$CUT_OVER_CHAIN" "${rule[@]}" &&
            in_network_of "$1" iptables -w -A OUTPUT -p tcp --syn --dport "$API_PORT" -j "$CUT_OVER_CHAIN"
    fi
}

# traffic_free NGINX: it can dial whatever it finds.
traffic_free() {
    in_network_of "$1" iptables -w -D OUTPUT -p tcp --syn --dport "$API_PORT" -j "$CUT_OVER_CHAIN" 2>/dev/null || true
    in_network_of "$1" iptables -w -F "$CUT_OVER_CHAIN" 2>/dev/null || true
    in_network_of "$1" iptables -w -X "$CUT_OVER_CHAIN" 2>/dev/null || true
}

# traffic_free_later SECONDS OFFSET: whatever becomes of this operation. OFFSET is the latest that the clock was while addresses that
# are gone could still be looked up, as `clock_offset` tells it.
traffic_free_later() {
    systemd-run --quiet --collect --unit="$(traffic_unit)" --on-active="$1" --timer-property=AccuracySec=100ms \
        bash "$(readlink -f "$0")" --traffic-free "$PROJECT" "$2" 2>"$WORK/systemd-run" && return
    sleep "$1"
    traffic_freed "$2"
}

# traffic_freed OFFSET: nginx goes by the clock. Where that was set back, an address that is gone stays good for as long, and every other
# request would hang.
traffic_freed() {
    local nginx
    nginx=$(container nginx)
    (($(clock_offset) >= $1 - 1)) || door_reload "$nginx"
    # It looks anew when somebody asks: each of its processes, while it can dial no other.
    seq 64 | xargs -P 16 -I {} curl -s -o /dev/null --noproxy '*' --max-time 5 "$(door_url)/health/" || true
    traffic_free "$nginx"
}

# Seconds that the clock is ahead of the time since boot.
clock_offset() {
    clock
    echo $((EPOCHSECONDS - CLOCK))
}

traffic_unit() {
    printf 'specivo-upgrade-%s-traffic' "$INSTANCE"
}

# cut_over IMAGE-ID: the api, worker and beat on that image, nobody having noticed. Fails (returns 1) with the old one serving, and the new one
# perhaps beside it: `api_alone` puts that in order.
cut_over() {
    local image=$1 old nginx network new lookup started ahead now
    old=$(container api) nginx=$(container nginx)
    network=$(shared_network "$nginx" "$old")
    lookup=$(nginx_lookup "$nginx")
    traffic_only_to "$nginx" "$(address_of "$old" "$network")" || return 1
    say "starting the new api beside the old one"
    compose_up --no-recreate --scale api=2 api || return 1
    new=$(containers_of api | grep -vxF "$old" | head -n 1)
    [[ -n $new && $(docker inspect --format '{{.Image}}' "$new") == "$image" ]] || return 1
    moment
    started=$MOMENT
    ahead=$(clock_offset)
    # Asked for the api, `container` and all that builds upon it now mean the new one.
    local CONTAINERS="api $new"
    api_wait || return 1
    unset CONTAINERS
    assets_keep "$old" "$new"
    workers_move "$image" || return 1
    # By then nginx has asked for the api's addresses once more, and knows the new one.
    pass "$started" "$((lookup + 1))"
    say "moving traffic to it"
    traffic_only_to "$nginx" "$(address_of "$new" "$network")" || return 1
    health_body_good "$(door_url)" || door_reload "$nginx"
    within "$REQUESTS_END_LIMIT" requests_ended "$old" || say "some requests to the old api do not end; they are cut off"
    container_stop 10 "$old" && docker rm "$old" >/dev/null || return 1
    # By then nginx has forgotten the old one.
    now=$(clock_offset)
    traffic_free_later "$((lookup + 1))" "$((now > ahead ? now : ahead))"
    api_name "$new"
}

requests_ended() {
    [[ -z $(in_network_of "$1" ss -Htn state established "( sport = :$API_PORT )") ]]
}

# assets_keep OLD NEW: pages that people have open name the old version's style sheets and scripts, which in the new image are
# called otherwise. They are served beside the new ones until its container is made anew.
assets_keep() {
    local directory=/app/specivo/static
    docker exec -u 0 "$1" tar -C "$directory" -cf - css js 2>"$WORK/assets" |
        docker exec -i -u 0 "$2" tar -C "$directory" --skip-old-files -xf - 2>>"$WORK/assets" ||
        say "the old version's style sheets and scripts can't be kept for pages that are open ($(last_words "$WORK/assets"))"
}

# Compose numbers the containers of a service, and counts on while two are there. The how-to and people's habits know the first name.
api_name() {
    local name
    name=$(docker inspect --format '{{.Name}}' "$1")
    [[ $name =~ ^/"$PROJECT"([-_])api[-_][0-9]+$ ]] || return 0
    name=$PROJECT${BASH_REMATCH[1]}api${BASH_REMATCH[1]}1
    docker inspect "$name" >/dev/null 2>&1 || docker rename "$1" "$name"
}

# cut_over_ends: nginx dials whatever it finds, when it has forgotten an address that is gone.
cut_over_ends() {
    local nginx lookup
    nginx=$(container nginx)
    [[ $(state_of nginx) == running ]] || return 0
    in_network_of "$nginx" iptables -w -n -L "$CUT_OVER_CHAIN" >/dev/null 2>&1 || return 0
    lookup=$(nginx_lookup "$nginx")
    sleep "$((${lookup:-5} + 1))"
    traffic_free "$nginx"
}

# api_alone IMAGE-ID: of two apis, as a cut-over that was interrupted leaves them, the one on that image stays.
api_alone() {
    local image=$1 id all=() keep='' nginx address
    mapfile -t all < <(containers_of api)
    if ((${#all[@]} > 1)); then
        for id in "${all[@]}"; do
            [[ $(docker inspect --format '{{.Image}} {{.State.Running}}' "$id") != "$image true" ]] || keep=$id
        done
        keep=${keep:-${all[-1]}}
        nginx=$(container nginx)
        address=$(address_of "$keep" "$(shared_network "$nginx" "$keep")")
        # It has none when it was stopped already; then nothing can be dialled until it is started again.
        [[ $(state_of nginx) != running || -z $address ]] || traffic_only_to "$nginx" "$address" || return 1
        for id in "${all[@]}"; do
            [[ $id == "$keep" ]] || { docker stop -t 10 "$id" && docker rm -f "$id"; } >/dev/null || return 1
        done
    fi
    ((${#all[@]} == 0)) || api_name "${keep:-${all[0]}}"
    cut_over_ends
}
