# For how long nobody is served, as a client sees it: it asks through the door that users come through, ten times a second.

# outage_watch: begins to look.
outage_watch() {
    local door address
    door=$(door_url)
    OUTAGE_WATCH=
    printf 0 >"$WORK/outage"
    [[ -n $door ]] || return 0
    address=${door#http://}
    # It must not inherit the lock, which would outlive the operation with it.
    (outage_look "${address%%/*}" "$(stealth_prefix)/health/") 3>&- 9>&- &
    OUTAGE_WATCH=$!
}

# outage_end: sets OUTAGE_MS.
outage_end() {
    if [[ -n ${OUTAGE_WATCH:-} ]]; then
        # It looks on until it is served: a look that began before the outage was over may hang.
        kill -USR1 "$OUTAGE_WATCH" 2>/dev/null || true
        wait "$OUTAGE_WATCH" 2>/dev/null || true
    fi
    OUTAGE_WATCH=
    OUTAGE_MS=$(<"$WORK/outage")
}

# outage_look HOST:PORT PATH: from each first request that fails to the next that doesn't, added up in a file. Setting the clock
# does not matter. Nothing is started but `sleep`, as this runs while the server has other things to do.
outage_look() {
    local host=${1%:*} port=${1##*:} path=$2 since='' lost=0 looks='' at
    trap - EXIT TERM
    trap 'looks=3' USR1
    while [[ $looks != 0 ]]; do
        read -r at _ </proc/uptime
        at=${at/./}0
        if served "$host" "$port" "$path"; then
            if [[ -n $since ]]; then
                read -r at _ </proc/uptime
                lost=$((lost + ${at/./}0 - since)) since=
                printf '%s' "$lost" >"$WORK/outage"
            fi
            [[ -z $looks ]] || return 0
        else
            since=${since:-$at}
            [[ -z $looks ]] || looks=$((looks - 1))
        fi
        sleep 0.1
    done
}

# served HOST PORT PATH: an answer came within a second, and it is no error.
served() {
    local status=''
    { exec 8<>"/dev/tcp/$1/$2"; } 2>/dev/null || return 1
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$1" >&8 2>/dev/null || true
    read -r -t 1 _ status _ <&8 2>/dev/null || true
    exec 8<&- 8>&-
    [[ $status == 200 ]]
}
