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
    if [[ -n $RESTORE ]] && ! server_answers; then
        backup_of_restored
        return
    fi
    space_require
    backup_make "$PGDATABASE" before '' "$PGDATABASE"
    if [[ $DIRECTION != upgrade ]] || ! throwaway_keep "$(jq -r .id <<<"$BACKUP")"; then throwaway_remove; fi
    STEP_RESULT=$BACKUP
}

# PostgreSQL does not start any more, so there is nothing to dump; its data directory is going to be moved aside whole. What has
# to be sure before that is that the backup to be restored can be.
backup_of_restored() {
    local point id
    beside_end
    point=$(restorable "$RESTORE")
    id=$(jq -r '.id // empty' <<<"${point:-null}")
    [[ -n $id ]] || fail "PostgreSQL does not answer, and the restore point $RESTORE lies nowhere else; bring PostgreSQL up first: docker compose logs db"
    say "PostgreSQL does not answer, so what it holds can't be backed up: it will be moved aside whole"
    check_backup "$id"
    STEP_RESULT=$(jq -c '{id, repository, version, revision, proven: true, proof, database: "does not answer"}' <<<"$(jq --argjson proof "$PROOF" '. + {proof: $proof}' <<<"$point")")
}
