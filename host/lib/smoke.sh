# The smoke test: what a user does, through the door that users come through. Only where the config names a user for it.

smoke_wanted() {
    [[ -f $(offsite_file) && -n $(offsite .smoke.login) ]]
}

# smoke_test: signs in, reads the newest issue, searches for a word of it. Sets SMOKE, the milliseconds that each took (JSON). Fails
# (returns 1) with the reason in SMOKE_PROBLEM when one is refused, wrong, or takes longer than smokeLimit.
smoke_test() {
    local api token issue word
    SMOKE='{}'
    api=$(door_url)/api/v1
    smoke_ask signIn "$api/auth/login/" < <(offsite '.smoke | {login, password} | tojson | "data = \(tojson)\nheader = \"Content-Type: application/json\""') || return 1
    token=$(jq -r '.access_token // empty' "$WORK/smoke")
    smoke_ask issues "$api/issues/" < <(smoke_session "$token") || return 1
    issue=$(jq -c 'first(.. | objects | select(has("id") and has("subject"))) // empty' "$WORK/smoke")
    # An instance in which nobody has written anything yet.
    [[ -n $issue ]] || return 0
    smoke_ask issue "$api/issues/$(jq -r .id <<<"$issue")/" < <(smoke_session "$token") || return 1
    word=$(jq -r '[.subject | scan("[A-Za-z0-9]{4,}")] + ["specivo"] | .[0]' <<<"$issue")
    smoke_ask search "$api/search/?q=$word" < <(smoke_session "$token")
}

smoke_session() {
    printf 'header = "Authorization: Bearer %s"\n' "$1"
}

# smoke_ask NAME URL: the request's secrets come on stdin as curl's config, as arguments can be read by anybody. The answer is in $WORK/smoke.
smoke_ask() {
    local name=$1 url=$2 limit status seconds
    limit=$(offsite '.smoke.limit // 5')
    if ! read -r status seconds < <(curl -sS --config - --noproxy '*' --max-time "$limit" -o "$WORK/smoke" -w '%{http_code} %{time_total}\n' "$url" 2>"$WORK/curl") ||
        [[ $status == 000 ]]; then
        SMOKE_PROBLEM="$name gave no answer within $limit s ($(last_words "$WORK/curl"))"
        return 1
    fi
    SMOKE=$(jq -c --arg name "$name" --argjson seconds "$seconds" '. + {($name): ($seconds * 1000 | round)}' <<<"$SMOKE")
    if [[ $status != 200 ]] || ! jq -e . "$WORK/smoke" >/dev/null 2>&1; then
        SMOKE_PROBLEM="$name was answered with status $status"
        return 1
    fi
}
