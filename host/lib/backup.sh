# Making a backup: a dump and the files of one moment, off the host, proven there.

# Compressed tables come out of a dump larger than they lie in the database, so the dump is taken for as large as that. When it has arrived
# off the server it goes, and its proof is a second database there; a restore point is another.
readonly SPACE_BESIDE=500000000

# space_require: enough for the dump, a database, a restore point and what goes with them.
space_require() {
    local size copied
    size=$(sql 'SELECT pg_database_size(current_database())')
    copied=$(files_copied "$(data_directory)")
    space_for $((2 * size + copied)) "backup or proof, and restore point, of a database of $((size / 1000000)) MB, and a copy of $((copied / 1000000)) MB of files beside models and attachments,"
}

# space_for_backup ID: enough for all that this backup holds, and for its database beside the dump. OFFSITE is open.
space_for_backup() {
    local bytes size
    run_restic 1800 stats --json --mode restore-size "$1" >"$WORK/stats" 2>"$WORK/restic" ||
        fail "the backup ${1:0:8} can't be read in $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    bytes=$(jq .total_size "$WORK/stats")
    size=$(sql 'SELECT pg_database_size(current_database())' 2>/dev/null) || size=$bytes
    space_for $((bytes + size)) "the files of backup ${1:0:8} and its database"
}

# space_for BYTES WHAT: known before anything is written, as a full disk stops PostgreSQL.
space_for() {
    local needed=$(($1 + SPACE_BESIDE)) free
    free=$(df -B1 --output=avail "$STATE" "$(data_directory)" "$(docker info --format '{{.DockerRootDir}}')" | tail -n +2 | sort -n | head -n 1 | tr -d ' ')
    ((free > needed)) ||
        fail "the disk has $((free / 1000000)) MB free, and $2 need up to $((needed / 1000000)) MB; free some, for example with: docker image prune"
}

# backup_make DATABASE PURPOSE FILES NEWEST: PURPOSE is why it is made, FILES the name under which the files are frozen already (empty:
# now, as soon as the dump's moment is fixed), NEWEST the database to ask for rows that are gone by now. Sets BACKUP (JSON), which is
# in the ledger then too.
backup_make() {
    local database=$1 purpose=$2 files=$3 newest=$4 data dump=$STATE/staging/database.dump counts=$STATE/staging/database.counts revision
    local -a freeze=()
    data=$(data_directory)
    uploads_require
    throwaway_start
    if [[ -z $files ]]; then
        files=now
        freeze=(files_freeze "$data" now)
    fi
    say "dumping the database $PGDATABASE of $PGHOST"
    progress_start dump_progress "$dump" "$(sql 'SELECT pg_database_size(current_database())' "$database")"
    dump_database "$database" "$dump" "$counts" "${freeze[@]}"
    progress_stop
    revision=$(schema_revision "$database")
    globals_dump
    beside_end
    backup_send "$purpose" "$data" "$files" "$revision"
    backup_prove "$purpose" "$data" "$files" "$revision" "$newest"
    backup_record "$purpose" "$revision"
    rm -rf "$STATE"/staging/database.* "$(files_aside "$data" now)"
}

# Roles and their passwords, for a server that has to begin anew; of an external one they are not ours to read.
globals_dump() {
    local globals=$STATE/staging/database.globals
    if [[ -z $DB_CONTAINER ]] || ! postgres pg_dumpall --globals-only >"$globals" 2>"$WORK/globals" </dev/null; then
        : >"$globals"
    fi
}

# Of which version, for which transition: what `backups` has to tell when no ledger is left.
backup_tags() {
    printf '%s\n' "transition=$TRANSITION" "purpose=$1" "version=$BACKUP_VERSION" "revision=$2" "data=$3"
}

# For jq: a snapshot's tag of that name, without the name.
readonly JQ_TAG='def tag($name): [.tags[]? | select(startswith($name + "=")) | .[($name | length + 1):]] | first;'

backup_send() {
    local purpose=$1 data=$2 files=$3 revision=$4 file
    local -a paths=("$STATE"/staging/database.{dump,counts,globals}) tags=()
    for file in "$INSTALL_DIR"/.env "$INSTALL_DIR"/.env.local "$INSTALL_DIR"/{docker-,}compose*.y*ml "$INSTALL_DIR"/Makefile "$INSTALL_DIR"/nginx "$STATE/ledger.jsonl"; do
        if [[ -e $file ]]; then
            # Of a link both, so that it is found under its name when the server is lost.
            paths+=("$file")
            [[ $(readlink -f "$file") == "$file" ]] || paths+=("$(readlink -f "$file")")
        fi
    done
    mapfile -t tags < <(backup_tags "$purpose" "$revision" "$data")
    say "sending the dump ($(stat -c %s "$STATE/staging/database.dump") bytes) and the files to $RESTIC_REPOSITORY"
    offsite_send "$(files_aside "$data" "$files")" "$data" "${paths[@]}" -- "${tags[@]}"
    # As long as it is not proven it serves nobody: retention finds it by this.
    ledger_append "$(jq -c --arg at "$(now)" --arg repository "$(offsite .repository)" '{at: $at, kind: "sent", id: .snapshot_id, repository: $repository}' <<<"$SUMMARY")"
}

# The repository is checked first. What is damaged there, and can be mended from what is here, is mended, and the backup sent again.
# Sets DUMP_BYTES, and removes the dump that has arrived.
backup_prove() {
    local purpose=$1 data=$2 files=$3 revision=$4 newest=$5
    say "checking what arrived"
    if ! offsite_check; then
        if offsite_heal; then backup_send "$purpose" "$data" "$files" "$revision"; fi
        backup_whole || backup_damaged
    fi
    # With a large database the disk has hardly room for it and for what is restored of it.
    DUMP_BYTES=$(stat -c %s "$STATE/staging/database.dump")
    rm "$STATE/staging/database.dump"
    prove "$(jq -r .snapshot_id <<<"$SUMMARY")" "$STATE/staging/database.counts" "$(files_aside "$data" "$files")" "$data" "$revision" "$newest"
}

# Whether nothing is damaged any more, or nothing but earlier backups, whose lost parts are nowhere: then all of this one is read back.
backup_whole() {
    local snapshot earlier
    if offsite_check; then
        say "the repository is whole again"
        return
    fi
    snapshot=$(jq -r .snapshot_id <<<"$SUMMARY")
    run_restic 7200 -q dump --archive tar "$snapshot" / >/dev/null 2>"$WORK/restic" || return 1
    earlier=$(run_restic 1800 repair snapshots --dry-run 2>/dev/null | sed -nE '/^snapshot ([0-9a-f]+) of .*/{s//\1/;h};/^would save new snapshot/{g;p}' | paste -sd' ')
    say "this backup is whole, all of it was read back; earlier ones have lost parts for good and can't be restored whole: ${earlier:-see restic check}"
}

backup_damaged() {
    fail "the repository $RESTIC_REPOSITORY is damaged ($(last_words "$WORK/check")). Look into it with restic check --read-data, or set offsiteRepository to a new place; earlier backups stay where they are."
}

backup_record() {
    local purpose=$1 revision=$2
    BACKUP=$(jq -c --arg purpose "$purpose" --arg transition "$TRANSITION" --arg repository "$(offsite .repository)" --argjson offsite "$OFFSITE" \
        --arg version "$BACKUP_VERSION" --arg image "$BACKUP_IMAGE" --arg revision "$revision" \
        --argjson dump "$DUMP_BYTES" --argjson proof "$PROOF" '{
            id: .snapshot_id, purpose: $purpose, transition: $transition, repository: $repository, offsite: $offsite,
            version: $version, image: $image, revision: $revision, dumpBytes: $dump, files: .total_files_processed,
            bytes: .total_bytes_processed, bytesSent: (.data_added_packed // .data_added), proven: true, proof: $proof
        }' <<<"$SUMMARY")
    ledger_append "$(jq -c --arg at "$(now)" '{at: $at, kind: "backup"} + .' <<<"$BACKUP")"
    say "backup $(jq -r '"\(.id[0:8]) in \(.repository) is proven: \(.proof.rows) rows of \(.proof.tables) tables, \(.proof.attachments) attachments, \(.bytesSent) bytes sent"' <<<"$BACKUP")"
}
