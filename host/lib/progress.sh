# How far a long step is: said every few seconds, in plain lines, of which Pulumi shows the last one behind the step.

readonly PROGRESS_SECONDS=${PROGRESS_SECONDS:-5}

# progress_start COMMAND...: what it prints is said every few seconds, until `progress_stop`; when it prints nothing, or fails, nothing is.
progress_start() {
    # It must not inherit the lock, which would outlive the operation with it.
    (
        trap - EXIT TERM
        while sleep "$PROGRESS_SECONDS"; do
            words=$("$@" 2>/dev/null) || continue
            [[ -z $words ]] || say "$words"
        done
    ) 3>&- 9>&- &
    PROGRESS=$!
    # Else bash tells how it ended, as the last words of the operation.
    disown "$PROGRESS"
}

progress_stop() {
    [[ -n ${PROGRESS:-} ]] || return 0
    kill "$PROGRESS" 2>/dev/null || true
    PROGRESS=
}

# dump_progress FILE BYTES: of a dump that is written into the file, of a database of so many bytes.
dump_progress() {
    printf 'dumping: %d MB written, of a database of %d MB with its indexes' $(($(stat -c %s "$1") / 1000000)) $(($2 / 1000000))
}

# restore_progress BYTES COMMAND...: COMMAND prints the bytes of the copy so far, BYTES are those of what it is a copy of, 0 where
# that can't be asked.
restore_progress() {
    local bytes whole=''
    bytes=$("${@:2}")
    (($1 == 0)) || whole=" of about $(($1 / 1000000))"
    printf 'restoring: the copy has %d%s MB' $((bytes / 1000000)) "$whole"
}

# start_progress CONTAINER SINCE LIMIT: of an application that starts, with the migration that runs. SINCE is a reading of `clock`.
start_progress() {
    local migration
    clock
    migration=$(docker logs --tail 500 "$1" 2>&1 | sed -nE 's/.*Running upgrade ([0-9a-z_]*) -> ([0-9a-z_]+).*/\2/p' | tail -n 1)
    printf 'starting: %d s of at most %d s%s' $((CLOCK - $2)) "$3" "${migration:+, the last migration it began is $migration}"
}
