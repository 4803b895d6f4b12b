# Restore points: what a transition that moves the schema, or that restores data, found when the writers were stopped. Its own
# recovery goes back there, and so does a later rollback: the database stays beside the new one under another name, the
# files as hard links, until all of it lies off the host and a later transition begins.

# The number at the end of a transition's id.
number_of() {
    printf '%s' "${1##*#}"
}

# restore_point_take: the writers are stopped. A copy stays behind, the database itself goes on.
restore_point_take() {
    local data before
    data=$(data_directory)
    before=$(database_aside before "$(number_of "$TRANSITION")")
    say "keeping the database as it is now, as $before"
    database_copy "$PGDATABASE" "$before" ||
        fail "the database $PGDATABASE can't be copied ($(last_words "$WORK/psql")); its user needs the right to create databases, and the disk room for a second one."
    files_freeze "$data" "before-$(number_of "$TRANSITION")"
    sync -f "$data"
    restore_point_record
}

restore_point_record() {
    local back
    back=$(ledger_begun .back)
    ledger_append "$(jq -cn --arg at "$(now)" --arg transition "$TRANSITION" --arg revision "$(ledger_begun .fromRevision)" --argjson back "$back" \
        '{at: $at, kind: "restore-point", transition: $transition, version: $back.version, image: $back.image, revision: $revision}')"
}

# restore_point_of TRANSITION: its line in the ledger; empty when it has taken none.
restore_point_of() {
    ledger_lines | jq -c --arg id "$1" 'select(.kind == "restore-point" and .transition == $id)' | tail -n 1
}

# restorable ID: what the ledger knows of a backup, by the beginning of its id, or of a restore point, by the id of its transition,
# as JSON; empty when it knows none.
restorable() {
    ledger_lines | jq -cs --arg id "$1" '
        [.[] | select(.kind == "forgotten") | .id] as $forgotten
        | map(select(.kind == "backup" and (.id | IN($forgotten[]) | not))) as $backups
        | ($backups | map(select(.id | startswith($id))) | last)
            // (map(select(.kind == "restore-point" and .transition == $id and (.transition | IN($forgotten[]) | not))) | last
                | . as $point | if . == null then empty else . + {id: ($backups | map(select(.purpose == "restore-point" and .transition == $point.transition)) | last | .id)} end)'
}

# restore_prepare POINT: brings what is to be restored beside what is there, without touching that. POINT is the answer of `restorable`.
# Sets RESTORED_FROM: the database of that name that is kept here, or empty for a dump in $STATE/staging/restore.dump.
restore_prepare() {
    local point=$1 data number id here
    local -a model=()
    data=$(data_directory)
    # The model is large, never changes, and mostly is here.
    [[ ! -d $data/models ]] || model=(--exclude /models)
    number=$(number_of "$TRANSITION")
    here=$(number_of "$(jq -r .transition <<<"$point")")
    RESTORED_FROM=
    rm -rf "$(files_aside "$data" "restored-$number")"
    if [[ $(jq -r '.purpose // "restore-point"' <<<"$point") == restore-point && -d $(files_aside "$data" "before-$here") ]] &&
        database_exists "$(database_aside before "$here")" 2>/dev/null; then
        RESTORED_FROM=$(database_aside before "$here")
        files_keep "$(files_aside "$data" "before-$here")" "$(files_aside "$data" "restored-$number")"
        return
    fi
    id=$(jq -r '.id // empty' <<<"$point")
    [[ -n $id ]] || fail "the restore point of $(jq -r .transition <<<"$point") is not on this server any more, and never reached $(offsite .repository); choose another with restoreFrom, see specivo-host backups."
    offsite_load
    offsite_open
    space_for_backup "$id"
    backup_fetch "$id" "$(files_aside "$data" "restored-$number")" "${model[@]}"
}

# backup_fetch ID DIRECTORY [ARG...]: the dump and what goes with it into $STATE/staging/restore.*, people's files into the directory.
backup_fetch() {
    local id=$1 directory=$2 stored
    shift 2
    say "fetching backup ${id:0:8} from $RESTIC_REPOSITORY"
    run_restic 60 snapshots --json "$id" >"$WORK/snapshot" 2>"$WORK/restic" ||
        fail "the backup ${id:0:8} is not in $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
    stored=$(jq -r '.[0].paths[] | select(endswith("/staging/database.dump"))' "$WORK/snapshot")
    restore_fetch "$id" "$stored" "$STATE/staging/restore.dump"
    restore_fetch "$id" "${stored%.dump}.counts" "$STATE/staging/restore.counts"
    restore_fetch "$id" "${stored%.dump}.globals" "$STATE/staging/restore.globals"
    stored=$(jq -r '.[0].tags[] | select(startswith("data=")) | .[5:]' "$WORK/snapshot")
    run_restic 7200 -q restore "$id:$stored" --target "$directory" "$@" >/dev/null 2>"$WORK/restic" ||
        fail "the files of backup ${id:0:8} can't be read from $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
}

# restore_fetch ID PATH FILE
restore_fetch() {
    run_restic 7200 -q dump "$1" "$2" >"$3" 2>"$WORK/restic" ||
        fail "$(basename "$2") of backup ${1:0:8} can't be read from $RESTIC_REPOSITORY ($(last_words "$WORK/restic"))."
}

# restore_swap: the writers are stopped. What was prepared takes the place of what is there, which is kept as this transition's restore
# point. The renaming of the databases decides: before it nothing has changed that is not undone by a rename.
restore_swap() {
    local data number live=$PGDATABASE before restored
    data=$(data_directory)
    number=$(number_of "$TRANSITION")
    before=$(database_aside before "$number")
    restored=$(database_aside restored "$number")
    if ! server_comes; then
        # As one that worked when this began is not to be given up: the backup step tells.
        [[ -z $RESTORED_FROM && $(ledger_result backup | jq -r .database) == "does not answer" ]] ||
            fail "PostgreSQL does not answer any more; look at: docker compose logs $PGHOST"
        database_revive
    fi
    database_drop "$restored"
    if [[ -n $RESTORED_FROM ]]; then
        # A copy: the restore point has to outlive a restore that fails.
        database_copy "$RESTORED_FROM" "$restored" || fail "the database $RESTORED_FROM can't be copied ($(last_words "$WORK/psql"))."
    else
        restore_build "$restored"
    fi
    files_swap "$data" "restored-$number" "before-$number"
    if ! database_exists "$live"; then
        database_rename "$restored" "$live"
    elif schema_revision >/dev/null 2>&1; then
        database_settings_copy "$live" "$restored"
        database_rename "$live" "$before" "$restored" "$live" && restore_point_record
    else
        # As a new server makes it: nothing that anybody would want back.
        database_rename "$live" "$(database_aside failed "$number")" "$restored" "$live"
    fi || fail "the restored database can't take the place of $live ($(last_words "$WORK/psql"))."
}

# The dump, as a database of that name. Any error is the end of it, and the rows must be those that were dumped.
restore_build() {
    local restored=$1 different
    say "restoring the database"
    if database_exists "$PGDATABASE"; then
        database_create_like "$PGDATABASE" "$restored"
    else
        server_sql "CREATE DATABASE $(sql_identifier "$restored") TEMPLATE template0"
    fi
    progress_start restore_progress "$(stat -c %s "$STATE/staging/restore.dump")" server_sql "SELECT pg_database_size($(sql_literal "$restored"))"
    # Parallel index builds want more shared memory than a container has.
    PGDATABASE=$restored PGOPTIONS='-c max_parallel_maintenance_workers=0 -c maintenance_work_mem=192MB' \
        postgres pg_restore --exit-on-error --single-transaction --dbname="$restored" <"$STATE/staging/restore.dump" 2>"$WORK/pg_restore" ||
        fail "the dump can't be restored ($(last_words "$WORK/pg_restore"))."
    progress_stop
    count_rows_sql | PGDATABASE=$restored postgres psql -XAtq -v ON_ERROR_STOP=1 -f - >"$WORK/counts-restored"
    different=$(jq -n --slurpfile sent "$STATE/staging/restore.counts" --slurpfile restored "$WORK/counts-restored" '$sent[0] != $restored[0]')
    [[ $different == false ]] || fail "the restored database has other rows than the backup tells."
}

server_answers() {
    [[ $(server_sql 'SELECT 1' 2>/dev/null) == 1 ]]
}

# server_comes: it answers, if only when it was started, or when it is through with what a crash has left. One that ends again and again,
# or can't be started, is not waited for.
server_comes() {
    local deadline ended=0
    ! server_answers || return 0
    [[ -z $DB_CONTAINER ]] || docker start "$DB_CONTAINER" >/dev/null 2>&1 || true
    clock
    deadline=$((CLOCK + 120))
    while ((CLOCK < deadline)); do
        ! server_answers || return 0
        if [[ -z $DB_CONTAINER || $(docker inspect --format '{{.State.Running}} {{.State.Restarting}}' "$DB_CONTAINER") == "true false" ]]; then
            ended=0
        else
            # Docker waits for twice as long after each time.
            ((++ended < 10)) || return 1
        fi
        sleep 0.3
        clock
    done
    return 1
}

# The bundled server does not start any more: its data directory is moved aside whole, and it begins with a new one.
database_revive() {
    local directory aside
    [[ -n $DB_CONTAINER ]] || fail "the database server $PGHOST does not answer, and it is not this server's own; bring it up, then try again."
    directory=$(server_directory)
    [[ -d $directory ]] || fail "PostgreSQL does not answer, and where its data lies is not to be seen; look at: docker logs $DB_CONTAINER"
    aside=$directory.before-$(number_of "$TRANSITION")
    say "PostgreSQL does not answer: its data directory is moved aside whole, to $aside"
    docker stop -t 30 "$DB_CONTAINER" >/dev/null
    [[ -e $aside ]] || mv -T "$directory" "$aside"
    mkdir -p "$directory"
    chown --reference="$aside" "$directory"
    chmod --reference="$aside" "$directory"
    # The directory is looked up anew at every start.
    docker start "$DB_CONTAINER" >/dev/null
    within 120 docker exec "$DB_CONTAINER" pg_isready -q -h 127.0.0.1 ||
        fail "PostgreSQL does not start with a new data directory either; look at: docker logs $DB_CONTAINER. The old one is $aside."
    restore_globals
}

# Where the bundled server's data lies on this server.
server_directory() {
    docker inspect "$DB_CONTAINER" | jq -r 'first(.[0].Mounts[] | select(.Destination | startswith("/var/lib/postgresql")) | .Source) // empty'
}

# database_revive_undo: the data directory that was moved aside takes its place again, broken as it was found: an instance that begins with
# what a new server makes would be taken for a healthy one. The restored database is kept beside it.
database_revive_undo() {
    local directory aside failed
    [[ -n $DB_CONTAINER ]] || return 0
    directory=$(server_directory)
    aside=$directory.before-$(number_of "$TRANSITION") failed=$directory.failed-$(number_of "$TRANSITION")
    [[ -n $directory && -d $aside ]] || return 0
    services_stop || return 1
    say "putting PostgreSQL's data directory back as it was found; the one that was made for the restored data is kept as $failed"
    docker stop -t 30 "$DB_CONTAINER" >/dev/null || return 1
    [[ -e $failed ]] || mv -T "$directory" "$failed" || return 1
    rm -rf "$directory"
    mv -T "$aside" "$directory" || return 1
    sync -f "$directory"
    docker start "$DB_CONTAINER" >/dev/null
}

# Roles and their passwords, where the backup has them. What exists is no reason to stop.
restore_globals() {
    [[ ! -s $STATE/staging/restore.globals ]] ||
        PGDATABASE=postgres postgres psql -Xq -f - <"$STATE/staging/restore.globals" >/dev/null 2>&1 || true
}

# data_put_back: to what the transition found, as far as its cut-over came. The writers are stopped for it. Nothing is thrown away: a database
# that people may have written to is kept as `failed`.
data_put_back() {
    local how number before data live=$PGDATABASE
    how=$(ledger_result pin | jq -r '.data // "keep"')
    [[ $how != keep ]] || return 0
    # Where its restore point was not whole yet, nothing of the database has been touched.
    [[ $how != migrate || -n $(restore_point_of "$TRANSITION") ]] || return 0
    [[ $how != restore ]] || database_revive_undo || return 1
    number=$(number_of "$TRANSITION")
    before=$(database_aside before "$number")
    data=$(data_directory)
    if [[ $how == restore && -d $(files_aside "$data" "before-$number") ]]; then
        services_stop || return 1
        files_swap_back "$data" "restored-$number" "before-$number" || return 1
        # Also what people have sent since.
        mv -T "$(files_aside "$data" "restored-$number")" "$(files_aside "$data" "failed-$number")" || return 1
    fi
    # One that has just crashed takes its time; not asked, it would seem to have nothing to put back.
    server_comes || return 1
    if database_exists "$before" && [[ $how == restore || $(schema_revision 2>/dev/null) != "$(ledger_begun .fromRevision)" ]]; then
        services_stop || return 1
        # What has been deleted since gets its row back.
        [[ $how != migrate ]] || files_fill "$(files_aside "$data" "before-$number")" "$data"
        say "putting the database back as it was; what is there now is kept as $(database_aside failed "$number")"
        if database_exists "$live"; then
            database_rename "$live" "$(database_aside failed "$number")" "$before" "$live"
        else
            database_rename "$before" "$live"
        fi || return 1
    fi
    restore_points_tidy
}

# What the transition itself needed in between, and nothing else any more.
restore_points_tidy() {
    local number
    number=$(number_of "$TRANSITION")
    database_drop "$(database_aside restored "$number")" 2>/dev/null || true
    rm -rf "$(files_aside "$(data_directory)" "restored-$number")" "$STATE"/staging/restore.*
}

# The restore points that lie on this server alone, as no backup holds them yet. One id a line. A transition that was cut off has one too,
# or that could not be put back: what it found may be nowhere else. One that was put back has used its own up.
restore_points_pending() {
    local id state
    ledger_lines | jq -rs '
        (map(select(.kind == "transition") | {(.id): .state}) | add // {}) as $states
        | (map(select(.kind == "backup" and .purpose == "restore-point") | .transition) + map(select(.kind == "forgotten") | .id)) as $sent
        | map(select(.kind == "restore-point" and $states[.transition] != "recovered" and (.transition | IN($sent[]) | not)) | .transition)
        | unique | .[] | "\(.) \($states[.])"' |
        while read -r id state; do
            if [[ $state == finished ]] || database_exists "$(database_aside before "$(number_of "$id")")"; then
                printf '%s\n' "$id"
            fi
        done
}

# A new transition begins: of what earlier ones kept on this server stays what has not reached the place for backups yet, and
# what this one is to restore.
restore_points_prune() {
    local kept=' ' id name data
    for id in $(restore_points_pending) ${RESTORE:+$(restorable "$RESTORE" | jq -r '.transition // empty')}; do
        kept+="$(number_of "$id") "
    done
    data=$(data_directory)
    for name in $(server_sql "SELECT datname FROM pg_database WHERE datname LIKE 'specivo\_$INSTANCE\_%'"); do
        [[ $kept == *" ${name##*_} "* && $name == *_before_* ]] || database_drop "$name"
    done
    while IFS= read -r -d '' name; do
        [[ $kept == *" ${name##*-} "* && $name == before-* ]] || rm -rf "$(files_aside "$data" "$name")"
    done < <(find "$data/.specivo-upgrade" -mindepth 1 -maxdepth 1 -printf '%f\0' 2>/dev/null)
}
