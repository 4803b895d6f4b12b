# What an operation says: progress on stderr, one result line on stdout (fd 3), one plain sentence when it fails.

# Exit status of a failure that has already been told; `leave` turns it into 1.
readonly TOLD=78

say() {
    printf 'specivo-host %s: %s\n' "$OPERATION" "$*" >&2 || true
}

# Ends the operation. The sentence says what is wrong, which value, and what to do. Works inside $(...) too: the
# sentence goes to a file, so that the ledger can name it, and a step can tell it together with what became of the instance.
fail() {
    [[ -z ${REASON_FILE:-} ]] || printf '%s' "$*" >"$REASON_FILE"
    [[ -n ${STEP:-} ]] || say "$*"
    exit "$TOLD"
}

result() {
    printf '%s\n' "$1" >&3
}

# The end of what a tool had to say, in one line, for a message: last_words FILE [LINES]
last_words() {
    grep -v '^[[:space:]]*$' "$1" | tail -n "${2:-1}" | tr '\n' ' ' | sed 's/[[:space:]]*$//'
}

# Whatever ends the operation, `leave` has the last word.
leave_properly() {
    trap 'leave $?' EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
    trap 'exit 129' HUP
}

# Runs at every end of an operation, however it came. In a trap a bare `return` gives the status from before the trap: what
# is called from here says `return 0` or lets its last command speak.
leave() {
    local status=$1
    trap - EXIT
    trap '' TERM INT HUP
    set +e
    progress_stop
    [[ -z ${JOB:-} ]] || ballast_drop
    if ((status != 0 && status != TOLD)) && [[ -z ${DISK_FULL:-} ]]; then
        (fail "it stopped before it was done (status $status); what it had to say stands above.")
    fi
    if ((status != 0)) && [[ -z ${UNSETTLED:-} ]]; then
        leave_failed
    fi
    [[ -z ${JOB:-} || -n ${UNSETTLED:-} ]] || leftovers_remove
    [[ -z ${WORK:-} ]] || rm -rf "$WORK"
    ((status == 0)) || status=1
    if [[ -n ${UNSETTLED:-} ]]; then
        ((status == 0)) || [[ -n ${SETTLE_REPEATS:-} ]] || settle_in 60
    elif [[ -n ${JOB:-} ]]; then
        job_end "$status"
    fi
    exit "$status"
}

# On a full disk the reason could not be kept, or is one that follows from that.
leave_failed() {
    local reason full=''
    if [[ -n ${DISK_FULL:-} ]]; then
        full="no space is left on the server's disk; make some."
        heal_later
    fi
    if [[ -n ${STEP:-} ]]; then
        reason=$(cat "$REASON_FILE" 2>/dev/null)
        step_failed "$reason${reason:+${full:+ }}$full"
    elif [[ -n $full ]]; then
        say "$full"
    fi
}

# A JSON string of any text, without jq: facts are read on servers that may not have it.
json_string() {
    local text=$1
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\r'/\\r}
    text=${text//$'\t'/\\t}
    printf '"%s"' "$text"
}

json_string_or_null() {
    if [[ -n $1 ]]; then json_string "$1"; else printf null; fi
}
