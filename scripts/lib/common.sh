# Paths and small helpers that all scripts share, those of the lab included. Sourced, never run.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
SPECIVO_CACHE="${SPECIVO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/specivo-pulumi}"

say() {
    printf '%s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# require_go FOLDER WHY: dies with one sentence that begins with WHY unless there is a Go as new as the module in that
# folder needs. Asked inside of the folder, as Go may be set to get itself a newer one for a module.
require_go() {
    local needed version
    needed="$(sed -n 's/^go //p' "$1/go.mod")"
    command -v go >/dev/null || die "$2 needs Go $needed or newer, which is not installed."
    version="$(cd "$1" && go env GOVERSION 2>/dev/null | sed -n 's/^[^0-9]*\([0-9.]*\).*/\1/p')"
    printf '%s\n' "$needed" "${version:-0}" | sort -V -C ||
        die "$2 needs Go $needed or newer; the one on PATH is ${version:-of an unknown version}."
}

children_of() {
    grep -lsx "PPid:[[:space:]]$1" /proc/[0-9]*/status | cut -d / -f 3
}

# end_tree PID: ends a process and all that it has started; it is held meanwhile, so that it starts no more.
end_tree() {
    local child
    kill -STOP "$1" 2>/dev/null || return 0
    for child in $(children_of "$1"); do
        end_tree "$child"
    done
    kill -TERM "$1" 2>/dev/null || true
    kill -CONT "$1" 2>/dev/null || true
}

# end_started: ends all that this shell has started, and waits for it. Set as trap on EXIT it serves a failure, INT and
# TERM alike. Without it what runs in the background, where INT is ignored, goes on.
end_started() {
    local self="$BASHPID" child
    for child in $(children_of "$self"); do
        end_tree "$child"
    done
    wait
}
