# Operations that change something run as a transient systemd unit, one at a time for an instance: no lost connection and no
# killed client ends them in their middle. Whoever called only follows the unit's log. When the unit itself is killed, its
# ExecStopPost settles what it left; after a loss of power, a unit that runs at boot does.
#
# A job is a directory: operation, argument, input, who called; log, result; and `ended`, the exit status, when nothing is left to be done.

readonly JOBS_KEPT=40

job_unit() {
    printf 'specivo-upgrade-%s.service' "$INSTANCE"
}

# Reads the seconds since boot into CLOCK: setting the clock does not move them.
clock() {
    read -r CLOCK _ </proc/uptime
    CLOCK=${CLOCK%.*}
}

# Reads hundredths of a second since boot into MOMENT.
moment() {
    read -r MOMENT _ </proc/uptime
    MOMENT=${MOMENT/./}
}

# pass SINCE SECONDS: until so many seconds have passed since that moment.
pass() {
    local left
    moment
    left=$(($1 + $2 * 100 - MOMENT))
    ((left <= 0)) || sleep "$(printf '%d.%02d' $((left / 100)) $((left % 100)))"
}

# When this server was started, in seconds since 1970: as systemd saw it, for a virtual server may share its kernel with others.
boot_time() {
    local stamp
    stamp=$(TZ=UTC systemctl show --property=UserspaceTimestamp --value) && [[ -n $stamp ]] && date -d "$stamp" +%s
}

# in_job FUNCTION...: in the unit the function runs; outside of it the unit is started, or the one that already does the very
# same is found, and followed to its end.
in_job() {
    if [[ -n ${JOB:-} ]]; then
        "$@"
    else
        job_run
    fi
}

job_run() {
    local job deadline refused=0 waited=''
    clock
    deadline=$((CLOCK + 60))
    while :; do
        job=$(job_active)
        if [[ -n $job ]] && job_is_this "$job"; then
            job_follow "$job"
            return
        elif [[ -n $job ]]; then
            [[ -n $waited ]] || say "waiting for the operation that runs here: $(job_words "$job")"
            waited=yes
        elif job_start; then
            job_follow "$STARTED"
            return
        else
            # A unit that has just ended takes a moment to go.
            ((++refused < 5)) || fail "the operation could not be started as a systemd unit ($(last_words "$WORK/systemd-run")); look at: systemctl status $(job_unit)"
        fi
        clock
        ((CLOCK < deadline)) || fail "another operation is running here: $(job_words "$job"); run pulumi up again when it has ended."
        sleep 0.2
    done
}

# The job the unit works on; empty when there is none. The unit's description is the job's directory.
job_active() {
    local property value state='' job=''
    while IFS='=' read -r property value; do
        case $property in
            ActiveState) state=$value ;;
            Description) job=$value ;;
        esac
    done < <(systemctl show --property=ActiveState,Description "$(job_unit)")
    case $state in
        active | activating | deactivating | reloading) [[ ! -d $job || -e $job/ended ]] || printf '%s' "$job" ;;
    esac
}

job_is_this() {
    [[ $(<"$1/operation") == "$OPERATION" && $(<"$1/argument") == "$ARGUMENT" && $(<"$1/input") == "$INPUT" ]]
}

# job_words JOB: what it does, and who began it, for whoever has to wait.
job_words() {
    local transition
    transition=$(jq -r '.transition.id // empty' "$1/input")
    printf '%s%s, begun at %s by %s' "$(<"$1/operation")" "${transition:+ of $transition}" "$(date -u -r "$1/operation" +%FT%TZ)" "$(cat "$1/caller" 2>/dev/null || echo somebody)"
}

# Sets STARTED to the job. Fails (returns 1) when the unit can't be started, as while another runs.
job_start() {
    local job self
    self=$(readlink -f "$0")
    mkdir -p "$STATE/jobs"
    # Whoever settles what was interrupted waits here: a job whose unit does not run yet looks the same.
    exec 8<"$STATE/jobs"
    flock 8
    job=$(mktemp -d "$STATE/jobs/$(date -u +%Y%m%dT%H%M%S)-$OPERATION.XXXXXX")
    # After a loss of power nothing else tells that something was under way.
    if ! { job_write "$job" && sync "$job"/* "$job" "$STATE/jobs"; } 2>"$WORK/job"; then
        rm -rf "$job"
        fail "the operation could not be begun ($(last_words "$WORK/job")): $STATE has to be writable and to have room; nothing was changed."
    fi
    # After Docker's engine: at a shutdown the job is ended, and what it left is settled, before the engine goes.
    if ! systemd-run --quiet --collect --unit="$(job_unit)" --description="$job" --property=Type=exec --property=After=docker.service \
        --property=TimeoutStopSec=1h --property="ExecStopPost=/bin/sh -c '[ -e $job/ended ] || exec bash $self --settle $job'" \
        bash "$self" --job "$job" 2>"$WORK/systemd-run"; then
        rm -rf "$job"
        exec 8<&-
        return 1
    fi
    exec 8<&-
    STARTED=$job
}

# job_lost JOB: it has not ended, and no unit works on it, nor is one about to.
job_lost() {
    local units
    flock "${1%/*}" true
    # Asked first: a job writes its end before its unit goes.
    units=$(systemctl show --property=Description --value 'specivo-upgrade-*.service') || return 1
    [[ -d $1 && ! -e $1/ended ]] && ! grep -qFx -- "$1" <<<"$units"
}

job_write() {
    printf '%s\n' "$OPERATION" >"$1/operation" &&
        printf '%s\n' "$ARGUMENT" >"$1/argument" &&
        printf '%s\n' "$INPUT" >"$1/input" &&
        printf '%s\n' "$PROJECT" >"$1/project" &&
        printf '%s%s\n' "${SUDO_USER:-$(id -un)}" "${SSH_CONNECTION:+ from ${SSH_CONNECTION%% *}}" >"$1/caller" &&
        : >"$1/log"
}

# job_follow JOB: shows its log as it grows, then hands on its result and its status.
job_follow() {
    local job=$1 over='' looks=0 told=''
    exec 4<"$job/log"
    until [[ -n $over ]]; do
        # Looked at before the log is read: nothing is written there after the end.
        [[ ! -e $job/ended ]] || over=yes
        cat <&4
        [[ -n $over ]] || sleep 0.1
        if ((++looks % 100 == 0)) && job_lost "$job"; then
            # Its unit was killed with what settles after it.
            [[ -n $told ]] || say "the operation was killed, and nothing has settled it so far; that is tried until it is done"
            told=yes
            settle_begin || true
        fi
    done
    exec 4<&-
    [[ ! -s $job/result ]] || cat "$job/result" >&3
    [[ $(<"$job/ended") == 0 ]] || exit "$TOLD"
}

# job_enter --job|--settle JOB: this process is the unit's main process, or settles what that one left.
job_enter() {
    JOB=$2
    OPERATION=$(<"$JOB/operation")
    ARGUMENT=$(<"$JOB/argument")
    INPUT=$(<"$JOB/input")
    # Appended to: a settle that comes too late must not take the result from whoever reads it.
    exec 3>>"$JOB/result" 1>>"$JOB/log" 2>&1 </dev/null
    # As long as it has not the lock, none of what it would settle is its own.
    [[ $1 == --job ]] || UNSETTLED=yes
    leave_properly
    if [[ $1 == --job ]]; then
        ballast_take
        "operation_${OPERATION//-/_}"
    else
        ballast_drop
        settle_job
    fi
}

# job_end STATUS: nothing of the job is left to be done.
job_end() {
    printf '%s\n' "$1" >"$JOB/ended.new"
    mv -f "$JOB/ended.new" "$JOB/ended"
    find "$STATE/jobs" -mindepth 1 -maxdepth 1 -type d | sort | head -n "-$JOBS_KEPT" | xargs -r rm -rf
}
