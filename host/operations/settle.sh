help_settle() {
    cat <<'TEXT'
Usage: specivo-host settle

Finishes or undoes what interrupted operations left, and puts back what a failed one could not, for every instance of this server: the
instance is then healthy on the version it had, or on the new one when that was in place already, and the ledger says which. Runs by
itself when an operation is killed, at every boot, and every minute while something can't be settled. Does nothing where nothing is
left to be done. Result: {"settled": how many operations}
TEXT
}

operation_settle() {
    local job settled=0 open=()
    [[ $(id -u) == 0 ]] || fail "it needs root's rights; run it with sudo."
    for job in "$STATE_ROOT"/*/jobs/*/; do
        job=${job%/}
        if [[ ! -d $job ]] || { [[ -e $job/ended ]] && [[ ! -e $job/unhealed ]]; }; then
            continue
        fi
        # One that is at work right now is none of ours; it holds the lock of its instance.
        if flock -n "${job%/jobs/*}/lock" true; then
            say "settling $(<"$job/operation"), which was interrupted, or could not put back what it had changed"
            bash "$(readlink -f "$0")" --settle "$job" || true
            settled=$((settled + 1))
        fi
        [[ ! -e $job/unhealed ]] || open+=("$job")
    done
    webhook_left
    ((${#open[@]} == 0)) || fail "not put back yet, what these have changed: ${open[*]}; look at the log there."
    result "{\"settled\":$settled}"
}
