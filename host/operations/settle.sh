help_settle() {
    cat <<'TEXT'
Usage: specivo-host settle

Finishes or undoes what interrupted operations left, puts back what a failed one could not, and a version that was pinned and never
rolled out, for every instance of this server: the instance is then healthy on the version it had, or on the new one when that was in
place already, and the ledger says which. Where an operation met a full disk, services that Docker could not start for it are
started when there is room again. Runs by itself when an operation is killed, some minutes after a version was pinned, at every boot,
and every minute while something can't be settled. Does nothing where nothing is left to be done. Result: {"settled": how many operations}
TEXT
}

operation_settle() {
    local job settled=0
    local -a open=()
    [[ $(id -u) == 0 ]] || fail "it needs root's rights; run it with sudo."
    for job in "$STATE_ROOT"/*/jobs/*/; do
        job=${job%/}
        if ! settle_needs "$job"; then continue; fi
        if [[ ! -s $job/operation ]]; then
            # It was killed, or the power went, before there was anything to it.
            rm -rf "$job"
            continue
        fi
        # Another may be at work there right now.
        if flock -n "${job%/jobs/*}/lock" true; then
            say "settling $(<"$job/operation"), which was interrupted, met a full disk, or could not put back what it had changed"
            SETTLE_REPEATS=yes bash "$(readlink -f "$0")" --settle "$job" || true
            settled=$((settled + 1))
        fi
    done
    webhook_left
    # Also what only came meanwhile, or could not be touched, as it still has to end or another is at work there: nobody else may come for it.
    for job in "$STATE_ROOT"/*/jobs/*/; do
        job=${job%/}
        if [[ -e $job/unhealed ]] || settle_needs "$job"; then open+=("$job"); fi
    done
    ((${#open[@]} == 0)) || fail "not well yet since these: ${open[*]}; look at the log there."
    result "{\"settled\":$settled}"
}

# settle_needs JOB: it was interrupted, or has ended and left something.
settle_needs() {
    [[ -d $1 ]] || return 1
    if [[ -e $1/ended ]]; then
        [[ -e $1/unhealed ]] || pin_alone "$1"
    else
        job_lost "$1"
    fi
}
