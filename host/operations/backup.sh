help_backup() {
    cat <<'TEXT'
Usage: specivo-host backup < input.json

Dumps the database the api is connected to, sends the dump with attachments, settings and ledger to the restic repository,
and proves what arrived: the repository is checked, the dump is read back from there and restored in a server of its own, its
rows are counted table by table, every attachment's file compared by size and hash, a sample of files read back. Nothing that
follows in a transition starts before that. Left out: live PostgreSQL files, Redis, logs, the one-time bootstrap file.
Input: as for preflight. Result: {"id": restic snapshot, "revision": …, "bytesSent": …, "proof": {"rows": …, …}, "seconds": …}
TEXT
}

operation_backup() {
    run_step backup
}

step_backup() {
    offsite_load
    beside offsite_open
    database_require
    BACKUP_VERSION=$(version_of api)
    BACKUP_IMAGE=$(image_id_of api)
    if [[ -n $RESTORE ]]; then
        if ! server_comes; then
            backup_of_restored "does not answer" "so what it holds can't be backed up: it will be moved aside whole"
            return
        elif ! database_used; then
            backup_of_restored "holds no Specivo" "so there is nothing to be backed up"
            return
        fi
    fi
    space_require
    backup_make "$PGDATABASE" before '' "$PGDATABASE"
    if [[ $DIRECTION != upgrade ]] || ! throwaway_keep "$(jq -r .id <<<"$BACKUP")"; then throwaway_remove; fi
    STEP_RESULT=$BACKUP
}

# database_used: the database is there, with users in it. One that can't be read is not taken for one that is empty.
database_used() {
    ! database_gone "$PGDATABASE" || return 1
    [[ $(sql "SELECT to_regclass('public.users') IS NULL") != t && $(sql 'SELECT count(*) FROM users') != 0 ]]
}

# backup_of_restored WHY WHAT-THEN: there is nothing to dump. What has to be sure then is that the backup to be restored can be.
backup_of_restored() {
    local why=$1 point id
    beside_end
    point=$(restorable "$RESTORE")
    id=$(jq -r '.id // empty' <<<"${point:-null}")
    [[ -n $id ]] || fail "PostgreSQL $why, and the restore point $RESTORE lies nowhere else; bring it up first: docker compose logs $PGHOST"
    say "PostgreSQL $why, $2"
    check_backup "$id"
    STEP_RESULT=$(jq -c --arg why "$why" --argjson proof "$PROOF" '{id, repository, version, revision, proven: true, proof: $proof, database: $why}' <<<"$point")
}
