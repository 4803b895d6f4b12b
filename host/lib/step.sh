# The frame of every step of a transition: in a job, under the lock, in order, once.
# A step that has finished gives its recorded result again, word for word, and does nothing.

# Steps that must have finished before this one may run. The pull lies between backup and rehearsal, and is Docker's own.
step_needs() {
    case $1 in
        preflight) ;;
        backup) echo preflight ;;
        load) echo preflight backup ;;
        rehearsal) echo preflight backup ;;
        pin) echo preflight backup rehearsal ;;
        rollout) echo preflight backup pin ;;
        verify) echo preflight backup pin rollout ;;
        restore-point) echo preflight backup pin rollout verify ;;
    esac
}

# run_step NAME: the operation of that name.
run_step() {
    instance_require
    transition_load
    STEP_RESULT=$(ledger_result "$1")
    if [[ -n $STEP_RESULT ]]; then
        say "$TRANSITION has this step behind it; nothing was done again."
        result "$STEP_RESULT"
    elif [[ $1 == rehearsal && $(transition_state) == finished ]]; then
        # It is from before there was this step; a newer program on the same stack asks for it.
        result '{"skipped":"the transition has finished"}'
    elif [[ $1 == load && $(transition_state) == finished ]]; then
        # Its image was pulled, and an archive was named since.
        result "$(ledger_result verify | jq -c '{id: .image}')"
    else
        in_job step_alone "$1"
    fi
}

step_alone() {
    lock_take
    step_once "$1"
    result "$STEP_RESULT"
}

# step_once NAME: calls step_NAME, which sets STEP_RESULT (JSON) and may set STEP_ENDS (a ledger line that ends the transition).
step_once() {
    local step=$1 started line
    clock
    started=$CLOCK
    STEP_RESULT=$(ledger_result "$step")
    [[ -z $STEP_RESULT ]] || return 0
    if [[ $step != preflight ]]; then
        transition_require "$step"
        # As chosen when the transition began: recovery must not start the instance with other settings either.
        mapfile -t COMPOSE_ENV_FILES < <(ledger_begun '.envFiles[]')
    fi
    printf '%s\n' "$INPUT" >"$JOB/step-input"
    printf '%s\n' "$step" >"$JOB/step"
    sync "$JOB/step-input" "$JOB/step" "$JOB"
    STEP=$step
    STEP_ENDS=()
    "step_${step//-/_}"
    clock
    STEP_RESULT=$(jq -c --argjson seconds $((CLOCK - started)) '. + {seconds: $seconds}' <<<"$STEP_RESULT")
    # What Docker and PostgreSQL were told has to be on disk before the ledger says that it was done.
    sync
    line=$(jq -cn --arg at "$(now)" --arg id "$TRANSITION" --arg step "$step" --argjson result "$STEP_RESULT" \
        '{at: $at, kind: "step", transition: $id, step: $step, result: $result}')
    ledger_append "$line" "${STEP_ENDS[@]}"
    ((${#STEP_ENDS[@]} == 0)) || webhook_notice
    STEP=
}

transition_load() {
    local instance
    # RESTORE is the backup or restore point whose data is to be put back; mostly none.
    IFS='|' read -r TRANSITION FROM TO DIRECTION instance RESTORE < <(input '.transition | objects | [.id, .from, .to, .direction, .instance, .restore] | map(. // "") | join("|")') || true
    [[ -n $TRANSITION && -n $FROM && -n $TO && -n $DIRECTION ]] ||
        fail "the input names no transition; this step is run by pulumi up (input: see specivo-host $OPERATION --help)."
    [[ $instance == "$INSTANCE" ]] ||
        fail "the transition $TRANSITION was planned for another instance than the one in $INSTALL_DIR here; run pulumi up again, so that it is planned anew."
}

# What the ledger says last of the transition: begun, finished, failed, recovered, superseded; empty when nothing.
transition_state() {
    ledger_last "$TRANSITION" | jq -r .state
}

# Data flow in Pulumi does not protect: --target runs a step on yesterday's outputs. So the ledger decides.
transition_require() {
    local step=$1 state=begun need backup
    # A restore point is sent off when the instance is well again, and the transition finished.
    [[ $step != restore-point ]] || state=finished
    if [[ $(ledger_last | jq -r '.id // empty') != "$TRANSITION" || $(transition_state) != "$state" ]]; then
        fail "the transition $TRANSITION is not open on this server; run pulumi up without --target, so that every step runs in order."
    fi
    for need in $(step_needs "$step"); do
        [[ -n $(ledger_result "$need") ]] ||
            fail "$step may not run before $need of $TRANSITION has finished on this server; run pulumi up without --target, so that every step runs in order."
    done
    if [[ $step != backup ]]; then
        backup=$(ledger_result backup | jq -r .id)
        [[ $(input .backup) == "$backup" ]] ||
            fail "$TRANSITION is protected by backup $backup, not by '$(input .backup)'; run pulumi up without --target, so that every step runs in order."
    fi
}
