# Tells an address of the admin's choice how a transition ended. In a unit of its own, outside of the lock: nothing about it can
# fail or delay a transition. What is not delivered yet lies in a file, and is taken up again at the next boot.

# Seconds before each try; after the last one the address counts as out of order.
readonly WEBHOOK_WAITS=(0 2 10 60 300 1800)
# Seconds that each may take.
readonly WEBHOOK_LIMIT=10

# webhook_notice: called when the ledger has the end of this transition.
webhook_notice() {
    [[ -f $(offsite_file) && -n $(offsite .webhook.url) ]] || return 0
    webhook_write 2>/dev/null || say "the webhook can't be told of the end of $TRANSITION; nothing else depends on that"
}

webhook_write() {
    local new=$STATE/notices/.new name
    mkdir -p "$STATE/notices" &&
        history_read | jq -ce --arg id "$TRANSITION" --arg instance "$INSTANCE" --arg server "$(uname -n)" '
            .transitions | map(select(.id == $id)) | last
            | {instance: $instance, server: $server, transition: .id, direction, from, to, ended: .state, reason, began, at: .ended, outageMs}' \
            >"$new" &&
        name=$INSTANCE-$(number_of "$TRANSITION")-$(jq -r .ended "$new") &&
        mv -f "$new" "$STATE/notices/$name.json" &&
        webhook_unit "$STATE/notices/$name.json"
}

# webhook_unit NOTICE: fails (returns 1) where one is at it already.
webhook_unit() {
    timeout 10 systemd-run --quiet --collect --no-block --unit="specivo-upgrade-notice-$(basename "$1" .json)" \
        bash "$(readlink -f "$0")" --notice "$1" 3>&- 9>&-
}

# webhook_left: what a loss of power left undelivered, of any instance.
webhook_left() {
    local notice
    for notice in "$STATE_ROOT"/*/notices/*.json; do
        [[ ! -f $notice ]] || webhook_unit "$notice" 2>/dev/null || true
    done
}

# webhook_tell NOTICE: this process is the unit's.
webhook_tell() {
    local notice=$1 signature wait status
    STATE=${notice%/notices/*}
    signature=$(hmac_sha256 "$(offsite .webhook.secret)" <"$notice")
    for wait in "${WEBHOOK_WAITS[@]}"; do
        sleep "$wait"
        status=$(webhook_post "$notice" "$signature") || true
        if [[ $status == 2* ]]; then
            say "told how $(jq -r '"\(.transition) ended: \(.ended)"' "$notice")"
            rm -f "$notice"
            return
        fi
        say "the webhook answered with status $status"
    done
    rm -f "$notice"
    say "the webhook was not told, after the last try; see webhook in the config, and what answers there"
}

# webhook_post NOTICE SIGNATURE: prints the status, 000 for no answer. The address may hold a secret, and comes as curl's config.
webhook_post() {
    offsite '.webhook.url | "url = \(tojson)"' |
        curl -sSg --config - --max-time "$WEBHOOK_LIMIT" -o /dev/null -w '%{http_code}' --data-binary "@$1" \
            -H 'Content-Type: application/json' -H "X-Specivo-Signature-256: sha256=$2" 2>/dev/null
}

# hmac_sha256 KEY < MESSAGE: hexadecimal. By sha256sum, as openssl wants its key among its arguments, which anybody may read.
hmac_sha256() {
    local key inner='' outer='' i byte
    key=$(printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n')
    ((${#key} <= 128)) || key=$(printf '%s' "$1" | sha256sum | cut -c 1-64)
    key=$(printf '%-128s' "$key" | tr ' ' 0)
    for ((i = 0; i < 128; i += 2)); do
        printf -v byte '\\x%02x' $((16#${key:i:2} ^ 0x36))
        inner+=$byte
        printf -v byte '\\x%02x' $((16#${key:i:2} ^ 0x5c))
        outer+=$byte
    done
    inner=$({ printf '%b' "$inner" && cat; } | sha256sum | cut -c 1-64 | sed 's/../\\x&/g')
    printf '%b' "$outer$inner" | sha256sum | cut -c 1-64
}
