# shellcheck shell=bash
# shellcheck disable=SC2034 # scripts that source this use them
# What every script of the lab shares: where things lie, how it talks, how it waits. Sourced, never run.

set -euo pipefail

LAB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=../../scripts/lib/common.sh
. "$LAB_SOURCE/../scripts/lib/common.sh"
LAB=$SPECIVO_CACHE/lab
# Sockets and pids: gone after a restart of the machine, as they should be. One set for each cache.
LAB_RUN=/run/specivo-lab-$(printf %s "$LAB" | sha256sum | cut -c1-8)
LAB_DROPLETS=$LAB/droplets
LAB_NETWORK=specivo-droplets

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export SPECIVO_CACHE LAB_SOURCE LAB LAB_RUN
# The lab has an engine of its own and leaves the user's alone, its contexts and its stored logins included.
export DOCKER_HOST=unix://$LAB/docker.sock DOCKER_CONFIG=$LAB/docker-config
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH

# Only the answer goes to stdout; everything a person reads goes here.
say() { printf 'lab: %s\n' "$*" >&2; }

# stage WHAT COMMAND...: runs it with its output in a log file, and says how long it took or how it ended. In a subshell
# and outside of any condition, as bash would carry on after an error in the middle otherwise.
stage() {
    local what=$1 started=$EPOCHREALTIME log status
    log=$LAB/logs/${what//[^A-Za-z0-9.]/-}.log
    shift
    mkdir -p "$LAB/logs"
    set +e
    (
        set -e
        "$@"
    ) >"$log" 2>&1 </dev/null
    status=$?
    set -e
    if ((status)); then
        tail -n 20 "$log" >&2
        die "$what failed; all of its output is in $log"
    fi
    printf 'lab: %-50s %5.1f s\n' "$what" "$(seconds_since "$started")" >&2
}

seconds_since() {
    local tenths=$(((${EPOCHREALTIME/./} - ${1/./}) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# locked NAME COMMAND...: one at a time on this machine. The lock falls with the process, so a killed one leaves none.
locked() {
    mkdir -p "$LAB/locks"
    (
        flock 9
        "${@:2}"
    ) 9>"$LAB/locks/$1"
}

# quietly COMMAND...: shows what it says only when it fails.
quietly() {
    local output
    if ! output=$("$@" 2>&1 </dev/null); then
        printf '%s\n' "$output" >&2
        return 1
    fi
}

# hash_of PATH...: one hash for the names and content of files and folders, texts for readers aside. The place they lie
# in does not count, nor who may read them: that depends on who cloned them.
hash_of() {
    local path
    for path in "$@"; do
        tar -C "$(dirname "$path")" --sort=name --exclude="*.md" --mtime=@0 --mode=u+rw,go+rX,go-w \
            --owner=0 --group=0 --numeric-owner -cf - "$(basename "$path")"
    done | sha256sum | cut -c1-16
}

# alive PIDFILE: whether the process whose id is in there still runs. The file has its program's name, as an id may be
# another's after a restart of the machine.
alive() { [[ -s $1 && $(cat "/proc/$(<"$1")/comm" 2>/dev/null) == $(basename "$1" .pid) ]]; }

# detached COMMAND...: becomes that command, in a session of its own and with nothing open but its standard files: a pipe
# or a lock of who starts it is not held by it. To be started with & at the end.
detached() {
    local fd
    for fd in "/proc/$BASHPID/fd"/*; do
        fd=${fd##*/}
        if ((fd > 2)); then exec {fd}>&-; fi
    done
    exec setsid "$@"
}

# until_true SECONDS COMMAND...: waits for it, in steps of 0.1 s.
until_true() {
    local tries=$(($1 * 10))
    shift
    until "$@" >/dev/null 2>&1; do
        ((tries-- > 0)) || return 1
        sleep 0.1
    done
}

# end PIDFILE SECONDS: asks the process to end, waits, and insists.
end() {
    local pid
    alive "$1" || return 0
    pid=$(<"$1")
    kill "$pid"
    until_true "$2" eval "! kill -0 $pid" || kill -9 "$pid"
    rm -f "$1"
}
