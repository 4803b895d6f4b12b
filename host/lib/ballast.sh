# Room on the disk that a job sets aside when it begins, and gives back when it fails: a full disk is a reason to fail, and
# putting an instance back writes too: the log, the ledger, .env, PostgreSQL's write-ahead log.

readonly BALLAST=64M

ballast_take() {
    fallocate -l "$BALLAST" "$JOB/ballast" 2>/dev/null || rm -f "$JOB/ballast"
}

# Sets DISK_FULL when there was need of it.
ballast_drop() {
    DISK_FULL=
    ! disk_full || DISK_FULL=yes
    rm -f "$JOB/ballast"
}

# Where operations write, or, as a rule, PostgreSQL.
disk_full() {
    local least
    least=$(df --output=avail "$JOB" "${INSTALL_DIR:-/}" 2>/dev/null | tail -n +2 | sort -n | head -n 1)
    ((${least:-9999} <= 1024))
}
