help_check() {
    cat <<'TEXT'
Usage: specivo-host check [ID] < input.json

Reads the repository off this server in full, and restores the backup of that id (by default the newest) in a server of its own: rows
of every table as they were dumped, every attachment's file by size and hash. Production is not touched.
Result: {"id": …, "version": …, "proof": {"rows": …, …}}. Fails with what is wrong.
TEXT
}

operation_check() {
    instance_require
    in_job check_alone
}

check_alone() {
    lock_take
    offsite_load
    offsite_open
    local id list
    list=$(backups_list) || fail "the backups in $RESTIC_REPOSITORY can't be listed ($(last_words "$WORK/restic"))."
    id=$(jq -r --arg id "$ARGUMENT" 'first(.backups[] | select(.id | startswith($id)) | .id) // empty' <<<"$list")
    [[ -n $id ]] || fail "there is no backup '${ARGUMENT}' in $RESTIC_REPOSITORY; see specivo-host backups."
    say "reading all of $RESTIC_REPOSITORY"
    run_restic 86400 -q check --read-data >"$WORK/check" 2>&1 ||
        fail "the repository $RESTIC_REPOSITORY is damaged ($(last_words "$WORK/check")). The next backup mends what can be mended from this server; until then choose another backup than one that check refuses."
    check_backup "$id"
    result "$(jq -c --arg id "$id" --argjson proof "$PROOF" 'first(.backups[] | select(.id == $id)) | {id, at, version, revision, proof: $proof}' <<<"$list")"
    say "backup ${id:0:8} can be restored: $(jq -r '"\(.rows) rows of \(.tables) tables, \(.attachments) attachments"' <<<"$PROOF")"
}

# check_backup ID: restores it beside production and compares it with what it says of itself. Sets PROOF.
check_backup() {
    local id=$1 stored data frozen revision directory
    database_require
    space_for_backup "$id"
    throwaway_start
    run_restic 60 snapshots --json "$id" >"$WORK/snapshot" 2>"$WORK/restic" || fail "the backup ${id:0:8} is not in $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    stored=$(jq -r '.[0].paths[] | select(endswith("/staging/database.dump"))' "$WORK/snapshot")
    data=$(jq -r '.[0].tags[] | select(startswith("data=")) | .[5:]' "$WORK/snapshot")
    revision=$(jq -r '.[0].tags[] | select(startswith("revision=")) | .[9:]' "$WORK/snapshot")
    run_restic 3600 -q dump "$id" "${stored%.dump}.counts" >"$STATE/staging/database.counts" 2>"$WORK/restic" ||
        fail "the backup ${id:0:8} can't be read ($(last_words "$WORK/restic"))."
    # The files themselves come back for this, but for the model, which is large and was checked where it lies.
    directory=$(data_directory)
    frozen=$(files_aside "$directory" now)
    rm -rf "$frozen"
    run_restic 7200 -q restore "$id:$data" --target "$frozen" --exclude /models >/dev/null 2>"$WORK/restic" ||
        fail "the files of backup ${id:0:8} can't be read ($(last_words "$WORK/restic"))."
    prove "$id" "$STATE/staging/database.counts" "$frozen" "$data" "$revision" ''
}
