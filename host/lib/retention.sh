# How many backups stay, by count and by age. Never among those that go: the newest proven one, and what a transition in the ledger
# would roll back to. What was sent and could not be proven goes in any case. Which is newer the ledger's order tells, not the clock.

# retention_ids NOW: the ids that may go now, one a line. Reads {"keepLast", "keepDays"} from the stored settings.
retention_ids() {
    ledger_lines | jq -rs --argjson last "$(offsite '.keepLast // 10')" --argjson days "$(offsite '.keepDays // 30')" \
        --arg repository "$(offsite .repository)" --arg now "$1" '
        (map(select(.kind == "forgotten") | .id)) as $gone
        | map(select(.repository == $repository and (.id | IN($gone[]) | not))) as $there
        | ($there | map(select(.kind == "backup")) | to_entries | unique_by(.value.id) | sort_by(-.key) | map(.value)) as $proven
        | ($proven | to_entries[] | select(.key >= $last and .key > 0 and .value.purpose != "restore-point"
            and (($now | fromdate) - (.value.at | fromdate)) > $days * 86400) | .value.id),
          ($there[] | select(.kind == "sent" and (.id | IN($proven[].id) | not)) | .id)'
}

# Sets FORGOTTEN. What can't be removed now is removed the next time.
retention_apply() {
    local id lines=()
    mapfile -t FORGOTTEN < <(retention_ids "$(now)")
    ((${#FORGOTTEN[@]} > 0)) || return 0
    say "removing ${#FORGOTTEN[@]} old backups from $RESTIC_REPOSITORY"
    if ! run_restic 3600 -q forget --prune "${FORGOTTEN[@]}" >"$WORK/restic" 2>&1; then
        say "old backups could not be removed now ($(last_words "$WORK/restic")); the next time they will be"
        FORGOTTEN=()
        return 0
    fi
    for id in "${FORGOTTEN[@]}"; do
        lines+=("$(jq -cn --arg at "$(now)" --arg id "$id" '{at: $at, kind: "forgotten", id: $id}')")
    done
    ledger_append "${lines[@]}"
}
