# What becomes of the instance when a transition fails: back to where it began, or as it is, and the ledger says which.

# Seconds that the version which is put back may take to start: it has run here before, and has nothing to migrate.
readonly BACK_LIMIT=300

# job_transition: what the step that this job was in, and is no more, had before it.
job_transition() {
    INPUT=$(<"$JOB/step-input")
    transition_load
    mapfile -t COMPOSE_ENV_FILES < <(ledger_begun '.envFiles[]?')
}

# recover REASON: to the transition's way back, then the ledger's word on how that went.
recover() {
    local reason=$1 version
    version=$(ledger_begun .back.version)
    say "$reason Putting $version back."
    rm -f "$STATE"/jobs/*/pinned
    if recover_try; then
        recover_note recovered "$reason"
        say "$reason The instance is back on $version and healthy; nothing was lost.$(recover_kept) When the cause is gone, run pulumi up again."
        return
    fi
    recover_note failed "$reason"
    heal_later "$reason"
    say "THE INSTANCE IS NOT HEALTHY: putting $version back failed too, after this: $reason It is tried again every minute, until it is well or another transition begins; what it says is in $JOB/log. By hand: cd $INSTALL_DIR, set SPECIVO_VERSION=$version in .env, docker compose ${COMPOSE_ENV_FILES[*]} up -d --no-deps api celery-worker celery-beat, docker compose logs api.$(recover_kept) The data is safe in backup $(ledger_result backup | jq -r .id)."
}

# Runs while an operation is failing, so each step is checked here and nothing relies on set -e. What an earlier try has done is found done.
recover_try() {
    local version image API_LIMIT=$BACK_LIMIT
    version=$(ledger_begun .back.version)
    image=$(ledger_begun .back.image)
    container_stop_end && database_load || return 1
    if ! data_put_back; then
        # What needs no database is put back all the same.
        pin_put_back "$version" "$image"
        return 1
    fi
    pin_put_back "$version" "$image" && api_alone "$image" && services_move "$image" && container_healthy_wait api 120
}

# recover_note STATE REASON
recover_note() {
    ledger_append "$(ledger_transition "$TRANSITION" "$1" '{step: $step, reason: $reason, version: $version}' \
        --arg step "$(cat "$JOB/step")" --arg reason "$2" --arg version "$(version_of api)")"
    webhook_notice
}

# heal_later [REASON]: the unit that settles at boot tries it now and then, as the cause may go without anybody: a disk gets room, a
# database its memory. Without a reason nothing is to be put back, and only `services_revive` is tried.
heal_later() {
    # A try that meets the full disk again has still to put back what the first one had to.
    [[ -z ${1:-} && -s $JOB/unhealed ]] || printf '%s' "${1:-}" >"$JOB/unhealed"
    settle_begin
}

# Not waited for: whoever begins it may have the lock.
settle_begin() {
    systemctl start --no-block specivo-upgrade-settle.service 2>/dev/null
}

# settle_in SECONDS: by a timer.
settle_in() {
    systemd-run --quiet --collect --on-active="$1" systemctl start --no-block specivo-upgrade-settle.service
}

# heal: another try for a job whose transition could not be put back, or that met a full disk.
heal() {
    local reason
    reason=$(<"$JOB/unhealed")
    if [[ -z $reason ]]; then
        disk_full || ! services_revive || rm "$JOB/unhealed"
        exit "$TOLD"
    fi
    set +e
    if [[ $(ledger_last | jq -r .id) != "$TRANSITION" ]]; then
        say "another transition has begun since; this one is left as it is"
        rm -f "$JOB/unhealed"
    elif recover_try; then
        recover_note recovered "$reason"
        rm -f "$JOB/unhealed"
        say "The instance is back on $(version_of api) and healthy; nothing was lost.$(recover_kept)"
    fi
    exit "$TOLD"
}

# Where the database is that the failed version may have written to, and where its files are.
recover_kept() {
    local name files number
    number=$(number_of "$TRANSITION")
    name=$(database_aside failed "$number")
    files=$(files_aside "$(data_directory)" "failed-$number")
    ! database_exists "$name" 2>/dev/null || printf ' What the failed version had made of the database is kept beside it, as %s, until the next transition.' "$name"
    [[ ! -d $files ]] || printf ' Its files are in %s.' "$files"
}

# pin_put_back VERSION IMAGE-ID: .env as it was before this transition's pin, the very bytes, if nobody edited it since and
# they lead to that image; else the one value.
pin_put_back() {
    local version=$1 image=$2 file=$INSTALL_DIR/.env before=$STATE/staging/env.before after=$STATE/staging/env.after
    if [[ -f $before && -f $after ]] && cmp -s "$file" "$after"; then
        replace_file "$file" "$before" || return 1
    fi
    if [[ $(image_id "$(configured_images)") == "$image" ]]; then
        return 0
    fi
    # The image is known by its id; the tag may be missing, as on an instance that ran on `latest`, or may have moved.
    [[ $(image_id "$REPOSITORY:$version") == "$image" ]] || docker tag "$image" "$REPOSITORY:$version" || return 1
    pin_text "$file" "$version" >"$WORK/env" && replace_file "$file" "$WORK/env"
}

# Seconds in which the rollout has to follow the pin, the time included for which Pulumi tries to connect.
readonly PIN_ALONE_LIMIT=180

# pin_alone_watch: a pin that no rollout follows, as when Pulumi is killed between the two, does not stay: the next `docker compose up`
# by hand would bring the new version without any of the transition's care.
pin_alone_watch() {
    local boot
    boot=$(boot_time)
    clock
    printf '%s %s\n' "$boot" "$CLOCK" >"$JOB/pinned"
    sync "$JOB/pinned" "$JOB"
    settle_in $((PIN_ALONE_LIMIT + 5)) 2>"$WORK/systemd-run" ||
        say "no timer could be set ($(last_words "$WORK/systemd-run")): if no rollout follows, the pin is put back at the next boot or pulumi up"
}

# pin_alone JOB: its pin has been waiting for a rollout for too long, or since before the server was started.
pin_alone() {
    local boot since now
    [[ -e $1/ended && -e $1/pinned ]] && read -r boot since <"$1/pinned" && now=$(boot_time) || return 1
    clock
    [[ $boot != "$now" ]] || ((CLOCK - since >= PIN_ALONE_LIMIT))
}

# pin_alone_settle: puts back the pin that this job has set, as if the transition had failed.
pin_alone_settle() {
    if [[ $(ledger_last | jq -r .id) == "$TRANSITION" && $(transition_state) == begun ]]; then
        set +e
        recover "$TO was pinned, and its rollout never came: Pulumi, or its connection, was lost in between."
    fi
    rm -f "$JOB/pinned"
    exit 0
}

# pin_alone_end TRANSITION: another one begins; the pin is put back at once.
pin_alone_end() {
    local TRANSITION=$1 job
    for job in "$STATE"/jobs/*/pinned; do
        [[ -e $job ]] || continue
        pin_put_back "$(ledger_begun .back.version)" "$(ledger_begun .back.image)" ||
            fail "the version that $TRANSITION pinned and never rolled out can't be taken back in $INSTALL_DIR/.env; set SPECIVO_VERSION=$(ledger_begun .back.version) there, then run pulumi up again."
        rm -f "$job"
    done
}

# step_failed REASON: called by `leave`. The transition ends here, so that the next pulumi up begins a new one.
step_failed() {
    local reason=$1 version
    version=$(version_of api)
    if [[ $(transition_state) != begun ]]; then
        # Nothing to end: not begun yet, or the instance is as it should be and something behind it failed.
        say "$reason"
    elif [[ -n ${CHANGED:-} ]]; then
        recover "$reason"
    else
        ledger_append "$(ledger_transition "$TRANSITION" failed '{step: $step, reason: $reason, version: $version}' \
            --arg step "$STEP" --arg reason "$reason" --arg version "$version")"
        webhook_notice
        say "$reason Nothing was changed: the instance runs $version as before. When the cause is gone, run pulumi up again."
    fi
}

# What an operation may leave that serves nobody: servers for proofs, frozen files, dumps.
leftovers_remove() {
    local data
    ssh_agent_stop
    [[ -n ${STATE:-} ]] || return 0
    # Between a backup and its rehearsal an image may be loaded.
    [[ -n ${THROWAWAY_KEPT:-} || $OPERATION == load ]] || throwaway_remove
    rm -f "$STATE"/staging/database.*
    data=$(data_directory 2>/dev/null) || return 0
    rm -rf "$(files_aside "$data" now)"
}

# settle_job: the job was killed. Runs in the process that comes after it, or at the next boot.
settle_job() {
    instance_require
    lock_take
    if [[ -e $JOB/ended && ! -e $JOB/unhealed ]] && ! pin_alone "$JOB"; then
        return
    fi
    [[ ! -s $JOB/step ]] || job_transition
    UNSETTLED=
    [[ ! -e $JOB/unhealed || ! -e $JOB/ended ]] || heal
    ! pin_alone "$JOB" || pin_alone_settle
    : >"$JOB/result"
    say "the operation was killed in its middle; what it left is put in order"
    if [[ -s $JOB/step ]]; then
        STEP=$(<"$JOB/step")
        settle_step
    fi
    # What is done by several steps is not done by one.
    [[ -s $JOB/step && $(<"$JOB/step") == "$OPERATION" ]] || exit "$TOLD"
    result "$STEP_RESULT"
}

settle_step() {
    STEP_RESULT=$(ledger_result "$STEP")
    if [[ -n $STEP_RESULT ]]; then
        # Killed between its last deed and its answer.
        STEP=
        return
    fi
    case $STEP in
        pin | rollout) CHANGED=yes ;;
        verify)
            # All is in place: going back now would set aside what people have written since. At a boot everything starts at once,
            # and what depends on another fails until that is there: that is no reason to go back either.
            within 180 services_steady || true
            step_once verify
            return
            ;;
    esac
    fail "the operation was killed in its middle."
}
