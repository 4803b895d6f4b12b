# Room on the disk that a job sets aside when it begins, and gives back when it fails: a full disk is a reason to fail, and
# putting an instance back writes too: the log, the ledger, .env, PostgreSQL's write-ahead log.

readonly BALLAST=64M

ballast_take() {
    fallocate -l "$BALLAST" "$JOB/ballast" 2>/dev/null || rm -f "$JOB/ballast"
}

# Sets DISK_FULL when there was need of it.
ballast_drop() {
    local available
    DISK_FULL=
    available=$(df --output=avail "$JOB" | tail -n 1)
    ((available > 1024)) || DISK_FULL=yes
    rm -f "$JOB/ballast"
}
