help_verify() {
    cat <<'TEXT'
Usage: specivo-host verify < input.json

Checks the instance as its users and its queue see it, and records the transition as finished. When a check fails, the
previous version is put back before the operation fails.
Input: as for pin. Result: {"version": …, "revision": …, "checks": [{"name": …, "ok": true}, …]}
TEXT
}

operation_verify() {
    run_step verify
}

step_verify() {
    local image door revision expected backup beat
    CHECKS=()
    CHANGED=yes
    beat=$(beat_run)
    image=$(image_require)
    door=$(door_url)
    check "api, celery-worker and celery-beat run the image of $TO" verify_images "$image"
    check "the health page reports database and Redis as ok" within 30 health_body_good "$door"
    check "the start-up log ends with 'Application startup complete'" verify_log
    check "the start page redirects to the sign-in page" within 30 redirects_to_sign_in "$door"
    check "celery-worker answers a ping" verify_ping
    check "celery-beat runs without restarts" verify_beat "$beat"
    database_require
    revision=$(schema_revision)
    expected=$(ledger_result pin | jq -r .revision)
    check "the schema is at revision $expected" test "$revision" = "$expected"
    verify_smoke
    # Docker asks ten seconds after the start for the first time.
    check "the api's container is healthy" container_healthy_wait api 120
    backup=$(ledger_result backup | jq -r .id)
    restore_points_tidy
    STEP_RESULT=$(jq -cn --arg version "$TO" --arg image "$image" --arg revision "$revision" \
        --argjson smoke "$SMOKE" '{version: $version, image: $image, revision: $revision, smoke: $smoke, checks: ($ARGS.positional | map({name: ., ok: true}))}' --args "${CHECKS[@]}")
    # Rows that come later have a higher transaction id: a rollback can tell how many it would set aside.
    STEP_ENDS=("$(ledger_transition "$TRANSITION" finished '{version: $version, image: $image, revision: $revision, backup: $backup, transaction: $transaction}' \
        --arg version "$TO" --arg image "$image" --arg revision "$revision" --arg backup "$backup" \
        --arg transaction "$(sql 'SELECT pg_current_xact_id()::xid')")")
    say "$TO is verified: ${#CHECKS[@]} checks passed"
}

# check NAME COMMAND...: the first check that fails ends the step.
check() {
    local name=$1
    shift
    if ! "$@"; then
        # Said before the previous version is put back, which takes the container and its log away.
        say "the api's log ends with: $(api_log_tail)"
        fail "this does not hold on $TO: $name."
    fi
    CHECKS+=("$name")
}

# Going back must not fail for it: the version there is has served before.
verify_smoke() {
    SMOKE=null
    smoke_wanted || return 0
    if smoke_test; then
        CHECKS+=("a user signs in, reads an issue and searches")
        say "as a user: $(jq -r 'to_entries | map("\(.key) \(.value) ms") | join(", ")' <<<"$SMOKE")"
    elif [[ $DIRECTION == rollback ]]; then
        say "the smoke test fails on $TO: $SMOKE_PROBLEM"
    else
        say "the api's log ends with: $(api_log_tail)"
        fail "the smoke test fails on $TO: $SMOKE_PROBLEM."
    fi
}

verify_images() {
    local service
    for service in "${APP_SERVICES[@]}"; do
        on_image "$service" "$1" || return 1
    done
}

# Only for an api that this transition started: an older container's log may have been rotated away.
verify_log() {
    ledger_result rollout | jq -e '.recreated | index("api")' >/dev/null || return 0
    docker logs --since "$(inspect api '{{.State.StartedAt}}')" "$(container api)" 2>&1 |
        grep 'Application startup complete' >/dev/null
}

# Asked in the worker's container and of that worker alone: another instance may share the Redis. A worker that has just
# been started needs a while until it listens.
verify_ping() {
    within 60 worker_answers "$(container celery-worker)"
}

worker_answers() {
    docker exec "$1" sh -c 'celery -A specivo.tasks inspect ping --timeout 5 --destination "celery@$(cat /etc/hostname)"' 2>/dev/null |
        grep pong >/dev/null
}

# Beat has no health check and answers no ping. One that can't work ends as soon as it begins to: these are the seconds for which it has
# to run after it says that it does.
readonly BEAT_STEADY=3
# Where its log does not tell, for its level or a clock that was set, seconds of its process.
readonly BEAT_SILENT=15

# Tells one run of beat from the next; its process id last.
beat_run() {
    inspect celery-beat '{{.State.Status}} {{.RestartCount}} {{.State.StartedAt}} {{.State.Pid}}'
}

# verify_beat RUN: the run lasts, and has lasted for long enough. Restarts from before do not matter.
verify_beat() {
    local run=$1 started pid age began
    read -r _ _ started pid <<<"$run"
    while [[ $run == "running "* && $(beat_run) == "$run" ]]; do
        age=$(ps -o etimes= -p "$pid") || return 1
        ((age < BEAT_SILENT)) || return 0
        began=$(docker logs --timestamps --since "$started" "$(container celery-beat)" 2>&1 | sed -nE 's/^(\S+) .*beat: Starting.*/\1/p')
        [[ -z $began ]] || (($(date +%s) - $(date -d "$began" +%s) < BEAT_STEADY)) || return 0
        sleep 0.2
    done
    return 1
}
