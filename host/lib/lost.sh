# An instance whose server was lost comes back from a backup, on a server that has none: first the files that Compose reads, which
# make it an instance; then, in its job, the data and the ledger.

# lost_settings: the settings that the backup has, in their place, with the version pinned that its data is of. In a subshell: there is no
# instance yet that could have a place of its own for what is needed meanwhile.
lost_settings() {
    local backup id path
    local -a files=()
    STATE=$STATE_ROOT/installing WORK=$STATE_ROOT/installing/work
    trap 'ssh_agent_stop; rm -rf "$STATE"' EXIT
    mkdir -p "$STATE"
    rm -rf "$WORK"
    mkdir -m 700 "$WORK"
    offsite_store "$(input .restore)"
    offsite_load
    backup=$(lost_backup "$(input .restore.from)")
    id=$(jq -r .id <<<"$backup")
    say "bringing back $(jq -r '"backup \(.id[0:8]) of \(.time[0:16])Z, Specivo \(.version)"' <<<"$backup")"
    while IFS= read -r path; do files+=(--include "$path"); done < <(jq -r '.settings[]' <<<"$backup")
    mkdir -p "$INSTALL_DIR"
    printf '%s\n' "$id" >"$INSTALL_DIR/.installing"
    run_restic 600 -q restore "$id" --target / "${files[@]}" >/dev/null 2>"$WORK/restic" ||
        fail "the settings of backup ${id:0:8} can't be read from $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    # One that was sent after the upgrade, of the data before it, pins the version after it.
    pin_text "$INSTALL_DIR/.env" "$(jq -r .version <<<"$backup")" >"$WORK/env"
    replace_file "$INSTALL_DIR/.env" "$WORK/env" || fail "$INSTALL_DIR/.env can't be written."
}

# lost_backup FROM: the newest backup of an instance in this directory, or the one whose id begins so, as JSON.
lost_backup() {
    local from=$1 backup
    run_restic 120 snapshots --json >"$WORK/snapshots" 2>"$WORK/restic" ||
        fail "the backups in $RESTIC_REPOSITORY can't be listed ($(last_words "$WORK/restic")); check that the target is up, and that offsiteRepository, its keys and backupPassword are right."
    backup=$(jq -c --arg from "$from" --arg env "$INSTALL_DIR/.env" "$JQ_TAG"'
        map(select((.paths | index($env)) and ($from == "latest" or (.id | startswith($from)))))
        | sort_by(.time) | last // empty
        | tag("data") as $data
        | {id, time, version: tag("version"), revision: tag("revision"), purpose: tag("purpose"), transition: tag("transition"),
            settings: (.paths | map(select(. != $data and (test("/staging/database\\.[a-z]+$|/ledger\\.jsonl$") | not)))),
            ledger: (.paths | map(select(endswith("/ledger.jsonl"))) | first)}' "$WORK/snapshots")
    [[ -n $backup ]] ||
        fail "in $RESTIC_REPOSITORY there is no backup '$from' of a Specivo in $INSTALL_DIR; set restoreFrom to latest, or installDir to where it was."
    printf '%s' "$backup"
}

# lost_begin ID: sets BACKUP, and calls Compose from here on as it was called where the backup was made.
lost_begin() {
    local ledger=$STATE/ledger.jsonl
    if ! lost_is_back; then
        ledger=$STATE/staging/ledger
        offsite_load
        BACKUP=$(lost_backup "$1")
        run_restic 600 -q dump "$1" "$(jq -r .ledger <<<"$BACKUP")" >"$ledger" 2>"$WORK/restic" ||
            fail "the ledger of backup ${1:0:8} can't be read from $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    fi
    mapfile -t COMPOSE_ENV_FILES < <(jq -cR 'fromjson? // empty' "$ledger" |
        jq -rs 'map(select(.kind == "transition" and .state == "begun")) | last | .envFiles[]?')
}

# Its data and its ledger are.
lost_is_back() {
    [[ -n $(ledger_lines | jq -r 'select(.kind == "brought-back") | .backup') ]]
}

# lost_data: before anybody can reach the instance. Done again after an interruption, it begins anew, until the ledger tells that it
# was done.
lost_data() {
    local id data
    ! lost_is_back || return 0
    id=$(jq -r .id <<<"$BACKUP")
    compose up --no-start --no-build --pull never >"$WORK/compose" 2>&1 || fail "the containers can't be made ($(last_words "$WORK/compose" 3))."
    database_require
    [[ -n $DB_CONTAINER ]] ||
        fail "the database of backup ${id:0:8} is on $PGHOST, which was not lost with this server: bring the instance back by hand, from $INSTALL_DIR."
    if ! compose up -d --no-build --pull never "$PGHOST" >"$WORK/compose" 2>&1 || ! within 120 server_answers; then
        fail "PostgreSQL does not start ($(last_words "$WORK/compose" 3)); look at: docker compose logs $PGHOST"
    fi
    data=$(data_directory)
    backup_fetch "$id" "$data"
    restore_globals
    lost_database
    lost_attachments "$data"
    rm -f "$STATE"/staging/restore.*
    sync
    lost_ledger
}

lost_database() {
    local live=$PGDATABASE restored failed
    restored=$(database_aside restored 0) failed=$(database_aside failed 0)
    database_drop "$restored"
    database_drop "$failed"
    restore_build "$restored"
    if database_exists "$live"; then
        # As a new server makes it: nothing that anybody would want back.
        database_rename "$live" "$failed" "$restored" "$live"
    else
        database_rename "$restored" "$live"
    fi || fail "the restored database can't take the place of $live ($(last_words "$WORK/psql"))."
    database_drop "$failed"
}

# A file may have been deleted while the dump was made: its row is in the backup, and its deletion is not.
lost_attachments() {
    local directory missing
    directory=$1/$(uploads_directory)
    missing=$(comm -23 <(sql "SELECT filesize || ' ' || disk_filename FROM attachments" | sort) \
        <(find "$directory" -type f -printf '%s %P\n' 2>/dev/null | sort) | cut -d' ' -f2- | paste -sd' ')
    [[ -z $missing ]] || say "these attachments have a row in the backup and no file of that size, so they were being deleted then: $missing"
}

# The instance's own ledger, but for what was kept on the lost server alone; and where it comes from.
lost_ledger() {
    local image
    image=$(image_id "$REPOSITORY:$(jq -r .version <<<"$BACKUP")")
    jq -cR 'fromjson? // empty' "$STATE/staging/ledger" |
        jq -cs --argjson backup "$BACKUP" --arg at "$(now)" --arg image "$image" --arg repository "$(offsite .repository)" --argjson offsite "$OFFSITE" '
            . + [{at: ($backup.time[0:19] + "Z"), kind: "backup", repository: $repository, offsite: $offsite, image: $image, proven: true}
                + ($backup | {id, purpose, transition, version, revision})]
            | map(select(.kind == "backup" and .purpose == "restore-point") | .transition) as $sent
            | (map(select(.kind != "restore-point" or (.transition | IN($sent[])))) + [{at: $at, kind: "brought-back", backup: $backup.id}])[]' >"$STATE/ledger.jsonl.new"
    sync "$STATE/ledger.jsonl.new"
    mv -f "$STATE/ledger.jsonl.new" "$STATE/ledger.jsonl"
    rm -f "$STATE/staging/ledger"
}
