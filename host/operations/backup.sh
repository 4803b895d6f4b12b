help_backup() {
    cat <<'TEXT'
Usage: specivo-host backup < input.json

Dumps the database the api is connected to, sends the dump with attachments, settings and ledger to the restic repository,
and checks what arrived there: the repository's structure, and the dump read back and compared. Nothing that follows in a
transition starts before that. Left out: live PostgreSQL files, Redis, logs, the one-time bootstrap file.
Input: as for preflight. Result: {"id": restic snapshot, "revision": …, "dumpBytes": …, "bytesSent": …, …}
TEXT
}

operation_backup() {
    run_step backup
}

step_backup() {
    local dump=$STATE/staging/database.dump revision version summary data snapshot
    offsite_load
    offsite_open
    database_load || fail "the api's DATABASE_URL names no PostgreSQL database; check $INSTALL_DIR/.env."
    version=$(version_of api)
    revision=$(schema_revision)

    say "dumping the database $PGDATABASE of $PGHOST"
    backup_dump "$dump"
    say "sending the dump ($(stat -c %s "$dump") bytes) and the files to $RESTIC_REPOSITORY"
    data=$(data_directory)
    uploads_require
    backup_send "$dump" "$data" "$version" "$revision"
    summary=$(jq -c 'select(.message_type == "summary")' "$WORK/summary")
    snapshot=$(jq -r '.snapshot_id // empty' <<<"$summary")
    [[ -n $snapshot ]] || fail "restic named no snapshot for what it stored in $RESTIC_REPOSITORY."
    say "checking what arrived"
    backup_check "$snapshot" "$dump" "$data"
    STEP_RESULT=$(jq -c --arg repository "$(offsite .repository)" --argjson offsite "$OFFSITE" --arg version "$version" \
        --arg revision "$revision" --argjson dump "$(stat -c %s "$dump")" '{
            id: .snapshot_id, repository: $repository, offsite: $offsite, version: $version, revision: $revision,
            dumpBytes: $dump, files: .total_files_processed, bytes: .total_bytes_processed, bytesSent: .data_added, checked: true
        }' <<<"$summary")
    rm -f "$dump"
    say "backup ${snapshot:0:8} in $RESTIC_REPOSITORY is checked"
}

# The directory on the server that is /app/data in the api, without symbolic links: restic would store the link alone.
data_directory() {
    local source
    source=$(inspect api '{{range .Mounts}}{{if eq .Destination "/app/data"}}{{.Source}}{{end}}{{end}}')
    [[ -n $source && -d $source ]] ||
        fail "the api has no directory of this server mounted at /app/data, so its attachments can't be saved; mount one, as Specivo's compose file does."
    readlink -f "$source"
}

# Uploads may have been moved out of the data directory by a setting; what is elsewhere would not be saved.
uploads_require() {
    local line
    while read -r line; do
        [[ ${line#*=} == data/* || ${line#*=} == /app/data/* || -z ${line#*=} ]] ||
            fail "$line lies outside /app/data, and so outside of what is saved; move it to a directory below it."
    done < <(inspect api '{{range .Config.Env}}{{println .}}{{end}}' | grep -E '^(ATTACHMENT|AVATAR)_UPLOAD_DIR=' || true)
}

# Written under a constant name, so that restic finds the file of the backup before to compare with. The list of contents
# must have the schema's revision and the users: an install with an external database also runs an empty bundled one.
backup_dump() {
    local dump=$1
    postgres pg_dump --format=custom >"$dump" 2>"$WORK/pg_dump" ||
        fail "pg_dump of $PGDATABASE failed ($(last_words "$WORK/pg_dump"))."
    postgres pg_restore --list <"$dump" >"$WORK/contents" 2>"$WORK/pg_restore" ||
        fail "the dump of $PGDATABASE can't be read back ($(last_words "$WORK/pg_restore"))."
    if ! grep -q 'TABLE DATA public alembic_version' "$WORK/contents" || ! grep -q 'TABLE DATA public users' "$WORK/contents"; then
        fail "the database $PGDATABASE of $PGHOST holds no Specivo (no tables alembic_version and users); check DATABASE_URL."
    fi
}

backup_send() {
    local dump=$1 data=$2 version=$3 revision=$4 file
    local -a paths=("$dump" "$data")
    for file in "$INSTALL_DIR"/.env "$INSTALL_DIR"/.env.local "$INSTALL_DIR"/{docker-,}compose*.y*ml "$INSTALL_DIR"/nginx "$STATE/ledger.jsonl"; do
        [[ ! -e $file ]] || paths+=("$(readlink -f "$file")")
    done
    find "$data" -path "$data/attachments/*" -type f -printf x | wc -c >"$WORK/attachments"
    run_restic backup --json --host "$INSTANCE" --tag "transition=$TRANSITION" --tag "version=$version" --tag "revision=$revision" \
        --exclude "$data/postgresql" --exclude "$data/redis" --exclude "$data/logs" --exclude "$data/.bootstrap.json" \
        "${paths[@]}" >"$WORK/summary" 2>"$WORK/restic" ||
        fail "the backup could not be sent to $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
}

backup_check() {
    local snapshot=$1 dump=$2 data=$3 arrived attachments
    run_restic -q check >/dev/null 2>"$WORK/restic" ||
        fail "the repository $RESTIC_REPOSITORY did not pass restic check ($(last_words "$WORK/restic")). Look into it with: restic check --read-data"
    arrived=$(run_restic -q dump "$snapshot" "$dump" 2>"$WORK/restic" | sha256sum) ||
        fail "the dump can't be read back from $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    [[ $arrived == "$(sha256sum <"$dump")" ]] ||
        fail "the dump read back from $RESTIC_REPOSITORY is not the one that was sent. Look into it with: restic check --read-data"
    # Those that were there before it was sent; some may have come since.
    attachments=$(run_restic -q ls --recursive --json "$snapshot" "$data" 2>"$WORK/restic" |
        jq -r --arg below "$data/attachments/" 'select(.type == "file" and (.path | startswith($below))) | .path' | wc -l)
    ((attachments >= $(cat "$WORK/attachments"))) ||
        fail "the backup in $RESTIC_REPOSITORY has $attachments attachments and the server has $(cat "$WORK/attachments"). If someone deleted attachments just now, this passes when tried again."
}
