help_restore_point() {
    cat <<'TEXT'
Usage: specivo-host restore-point < input.json

Sends off the host what a rollback of the transition would restore, and proves it like every backup. Only a transition that has moved
the schema, or restored data, has a restore point; for others there is nothing to do. Also sends those of earlier ones
that could not be sent then. Then removes from the repository what retention (see offsite) does not keep, and from this server
those images of earlier transitions that a rollback does not need.
Input: as for pin. Result: {"restorePoint": restic snapshot or null, "forgotten": [ids], "seconds": …}
TEXT
}

operation_restore_point() {
    run_step restore-point
}

step_restore_point() {
    local id
    offsite_load
    database_require
    for id in $(restore_points_pending); do
        offsite_open
        restore_point_send "$id"
    done
    retention_apply
    images_prune
    id=$(ledger_lines | jq -r --arg id "$TRANSITION" 'select(.kind == "backup" and .purpose == "restore-point" and .transition == $id) | .id' | tail -n 1)
    STEP_RESULT=$(jq -cn --arg id "$id" --argjson forgotten "$(jq -cn '$ARGS.positional' --args -- "${FORGOTTEN[@]}")" \
        '{restorePoint: (if $id == "" then null else $id end), forgotten: $forgotten}')
}

# restore_point_send TRANSITION: of this transition or an earlier one.
restore_point_send() {
    local of=$1 point before
    point=$(restore_point_of "$of")
    BACKUP_VERSION=$(jq -r .version <<<"$point")
    BACKUP_IMAGE=$(jq -r .image <<<"$point")
    before=$(database_aside before "$(number_of "$of")")
    if database_gone "$before"; then
        say "the restore point of $of is gone: there is no database $before; a backup from before $of is in $RESTIC_REPOSITORY"
        ledger_append "$(jq -cn --arg at "$(now)" --arg id "$of" '{at: $at, kind: "forgotten", id: $id}')"
        return
    fi
    TRANSITION=$of backup_make "$before" restore-point "before-$(number_of "$of")" ''
    # Another one may follow, with a server of its own.
    throwaway_remove
}
