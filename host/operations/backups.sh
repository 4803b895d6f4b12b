help_backups() {
    cat <<'TEXT'
Usage: specivo-host backups < input.json

Lists the backups at their place off this server, newest first: {"repository": …, "backups": [{"id", "at", "age", "version", "revision",
"purpose", "transition", "proven", "bytes"}, …]}. `before` a transition, or the `restore-point` a rollback of it goes back to. What the ledger
does not know was not proven here. A table of the same goes to stderr.
Input: {"installDir": "/opt/specivo"}
TEXT
}

operation_backups() {
    instance_require
    offsite_load
    local list
    list=$(backups_list) || fail "the backups in $RESTIC_REPOSITORY can't be listed ($(last_words "$WORK/restic")); check that the target is up."
    jq -r '.backups[] | "\(.id[0:8])  \(.at)  \(.age)  Specivo \(.version // "?") (schema \(.revision // "?"))  \(.purpose) \(.transition)  \(if .proven then "proven" else "not proven here" end)"' \
        <<<"$list" >&2
    result "$list"
}

backups_list() {
    run_restic 120 snapshots --json >"$WORK/snapshots" 2>"$WORK/restic" || return 1
    jq -c --slurpfile ledger <(ledger_lines) --arg repository "$(offsite .repository)" --arg now "$(now)" --arg instance "$INSTANCE" "$JQ_TAG"'
        def age: ($now | fromdate) - (.at | fromdate)
            | if . < 3600 then "\(. / 60 | floor) min" elif . < 172800 then "\(. / 3600 | floor) h" else "\(. / 86400 | floor) days" end;
        ($ledger | map(select(.kind == "backup") | .id)) as $proven
        | {repository: $repository, backups: (map({
            id, at: (.time[0:19] + "Z"), version: tag("version"), revision: tag("revision"), purpose: tag("purpose"), transition: tag("transition"),
            bytes: .summary.total_bytes_processed, here: (.hostname == $instance), proven: (.id | IN($proven[]))
        } | . + {age: age}) | sort_by(.at) | reverse)}' "$WORK/snapshots"
}
