# What does not depend on what the operation does meanwhile.

BESIDE=()

# beside COMMAND...: begins it, and goes on. What it sets is lost; its progress and its reason to fail are not.
beside() {
    # It must not inherit the lock, which would outlive the operation with it.
    (
        trap - EXIT TERM
        "$@"
    ) 3>&- 9>&- &
    BESIDE+=($!)
}

# beside_end: all that was begun is done; fails as the first of them that has failed.
beside_end() {
    local process
    for process in "${BESIDE[@]}"; do wait "$process" || exit "$?"; done
    BESIDE=()
}
