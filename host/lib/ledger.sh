# The ledger: what was done to this instance, as append-only JSON lines, and the lock under which it is written.
# Lines of kind "transition" say where a transition stands, lines of kind "step" hold a step's result.

now() {
    date -u +%Y-%m-%dT%H:%M:%SZ
}

# Readable even when power was lost in the middle of a line: what is no JSON is passed over.
ledger_lines() {
    [[ ! -f $STATE/ledger.jsonl ]] || jq -cR 'fromjson? // empty' "$STATE/ledger.jsonl"
}

# ledger_append LINE...: on disk when it returns.
ledger_append() {
    local file=$STATE/ledger.jsonl text
    text=$(printf '%s\n' "$@")
    if [[ -s $file && -n $(tail -c 1 "$file") ]]; then
        text=$'\n'$text
    fi
    printf '%s\n' "$text" >>"$file"
    sync "$file"
}

# ledger_transition ID STATE JQ-OBJECT-OF-MORE-FIELDS ARGS...: the line, for ledger_append.
ledger_transition() {
    local id=$1 state=$2 more=$3
    shift 3
    jq -cn --arg at "$(now)" --arg id "$id" --arg state "$state" "$@" \
        '{at: $at, kind: "transition", id: $id, state: $state} + '"$more"
}

# The recorded result of a finished step of this transition; empty when it has not finished.
ledger_result() {
    ledger_lines | jq -c --arg id "$TRANSITION" --arg step "$1" \
        'select(.kind == "step" and .transition == $id and .step == $step) | .result' | tail -n 1
}

# The last line about a transition (of this id, or any): ledger_last [ID]
ledger_last() {
    ledger_lines | jq -c --arg id "${1:-}" 'select(.kind == "transition" and ($id == "" or .id == $id))' | tail -n 1
}

# ledger_begun JQ-FILTER: a value of the line with which this transition began.
ledger_begun() {
    ledger_lines | jq -r --arg id "$TRANSITION" "select(.kind == \"transition\" and .id == \$id and .state == \"begun\") | $1"
}

# One operation at a time. The holder's name is in the file for those who wait, and for facts.
lock_take() {
    exec 9>>"$STATE/lock"
    if ! flock -n 9; then say "waiting for the operation that holds the lock: $(cat "$STATE/lock")"; fi
    flock -w 60 9 || fail "another operation is running here: $(cat "$STATE/lock"); run pulumi up again when it has ended."
    jq -cn --arg operation "$OPERATION" --arg transition "${TRANSITION:-}" --argjson pid $$ \
        '{operation: $operation, transition: $transition, pid: $pid}' >"$STATE/lock"
    work_tidy
}

# What killed operations left of their working directories, which bear the process id.
work_tidy() {
    local directory pid
    for directory in "$STATE"/staging/work.*; do
        pid=${directory##*/work.}
        [[ ! -d $directory || -d /proc/${pid%%.*} ]] || rm -rf "$directory"
    done
}
