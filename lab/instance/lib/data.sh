# shellcheck shell=bash
# What an instance has in it: the same each time. Sourced by install.

# run_sql [NAME=VALUE...]: SQL on stdin, in one transaction, on the database that the instance uses.
run_sql() {
    local command
    read -ra command <<<"$PSQL"
    "${command[@]}" --quiet -v ON_ERROR_STOP=1 --single-transaction "${@/#/--set=}"
}

# What was queued for the worker still changes rows: the instance is at rest when nothing of it waits or runs.
worker_is_idle() {
    local command waiting running
    read -ra command <<<"$REDIS"
    waiting=$("${command[@]}" eval "return redis.call('llen', 'celery') + redis.call('hlen', 'unacked')" 0 </dev/null)
    if [[ $waiting != 0 ]]; then return 1; fi
    # Asked by its name, it is not waited for others.
    running=$(docker compose exec -T celery-worker \
        sh -c 'celery -A specivo.tasks inspect --destination "celery@$(hostname)" active' </dev/null)
    [[ $running == *'- empty -'* ]]
}

wait_for_worker() {
    until_true 60 worker_is_idle || die "the worker is still busy after 60 s; see: docker compose logs celery-worker"
}

# on_api SCRIPT [NAME=VALUE...]: a Python script inside the api container.
on_api() {
    local script=$1 variable options=()
    shift
    for variable in "$@"; do options+=(-e "$variable"); done
    docker compose exec -T "${options[@]}" api python - <"$SOURCE/data/$script"
}

# write_attachments: the rows are written before those of the bulk's search index, whose triggers take longest.
write_attachments() {
    local rows
    rows=$(mktemp)
    on_api write_attachments.py MEGABYTES="$ATTACHMENTS" >"$rows"
    cat "$rows" "$SOURCE/data/attachments.sql" | run_sql
    rm "$rows"
}

# fill: everything that the options of install ask for.
fill() {
    local counts=(ISSUES=60 PAGES=8 FILES=32)
    if [[ -n $FEW ]]; then counts=(ISSUES=43 PAGES=4 FILES=4); fi
    (
        umask 077
        on_api seed.py ADMIN_PASSWORD="$(<"$ADMIN_PASSWORD")" MODEL_MEGABYTES="$MODEL" "${counts[@]}" >"$API_KEY"
    )
    if [[ -z $FEW ]]; then run_sql <"$SOURCE/data/seed.sql"; fi
    if ((ISSUES)); then run_sql issues="$ISSUES" <"$SOURCE/data/bulk.sql"; fi
    if ((ATTACHMENTS)); then write_attachments; fi
    wait_for_worker
}
