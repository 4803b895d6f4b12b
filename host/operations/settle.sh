help_settle() {
    cat <<'TEXT'
Usage: specivo-host settle

Finishes or undoes what interrupted operations left, for every instance of this server: the instance is then healthy on the version
it had, or on the new one when that was in place already, and the ledger says which. Runs by itself when an operation is killed, and
at every boot. Does nothing where nothing was interrupted.
TEXT
}

operation_settle() {
    local ended job settled=0
    [[ $(id -u) == 0 ]] || fail "it needs root's rights; run it with sudo."
    for job in "$STATE_ROOT"/*/jobs/*/; do
        job=${job%/}
        ended=$job/ended
        [[ -d $job && ! -e $ended ]] || continue
        # One that is at work right now is none of ours; it holds the lock of its instance.
        if flock -n "${job%/jobs/*}/lock" true; then
            say "settling $(<"$job/operation"), which was interrupted"
            bash "$(readlink -f "$0")" --settle "$job" || true
            settled=$((settled + 1))
        fi
    done
    result "{\"settled\":$settled}"
}
