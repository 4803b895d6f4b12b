# The frame of every step of a transition: under the lock, in order, once.
# A step that has finished gives its recorded result again, word for word, and does nothing.

# Steps that must have finished before this one may run. The pull lies between backup and pin, and is Docker's own.
step_needs() {
    case $1 in
        preflight) ;;
        backup) echo preflight ;;
        pin) echo preflight backup ;;
        rollout) echo preflight backup pin ;;
        verify) echo preflight backup pin rollout ;;
    esac
}

# run_step NAME: calls step_NAME, which sets STEP_RESULT (JSON) and may set STEP_ENDS (a ledger line that ends the transition).
run_step() {
    local step=$1 started=$EPOCHSECONDS recorded line
    instance_require
    transition_load
    lock_take
    # What killed operations left.
    find "$STATE/staging" -maxdepth 1 -name 'work.*' ! -path "$WORK" -exec rm -rf {} +
    recorded=$(ledger_result "$step")
    if [[ -n $recorded ]]; then
        say "$TRANSITION has this step behind it; nothing was done again."
        result "$recorded"
        return
    fi
    if [[ $step != preflight ]]; then
        transition_require "$step"
        # As chosen when the transition began: recovery must not start the instance with other settings either.
        mapfile -t COMPOSE_ENV_FILES < <(ledger_begun '.envFiles[]')
    fi
    STEP=$step
    STEP_ENDS=()
    "step_$step"
    STEP_RESULT=$(jq -c --argjson seconds $((EPOCHSECONDS - started)) '. + {seconds: $seconds}' <<<"$STEP_RESULT")
    line=$(jq -cn --arg at "$(now)" --arg id "$TRANSITION" --arg step "$step" --argjson result "$STEP_RESULT" \
        '{at: $at, kind: "step", transition: $id, step: $step, result: $result}')
    ledger_append "$line" "${STEP_ENDS[@]}"
    STEP=
    result "$STEP_RESULT"
}

transition_load() {
    TRANSITION=$(input .transition.id)
    FROM=$(input .transition.from)
    TO=$(input .transition.to)
    DIRECTION=$(input .transition.direction)
    [[ -n $TRANSITION && -n $FROM && -n $TO && -n $DIRECTION ]] ||
        fail "the input names no transition; this step is run by pulumi up (input: see specivo-host $OPERATION --help)."
    [[ $(input .transition.instance) == "$INSTANCE" ]] ||
        fail "the transition $TRANSITION was planned for another instance than the one in $INSTALL_DIR here; run pulumi up again, so that it is planned anew."
}

# Data flow in Pulumi does not protect: --target runs a step on yesterday's outputs. So the ledger decides.
transition_require() {
    local step=$1 last need backup
    last=$(ledger_last)
    if [[ $(jq -r '.id // empty' <<<"${last:-null}") != "$TRANSITION" || $(jq -r .state <<<"$last") != begun ]]; then
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

# Called by `leave` when a step fails: the transition ends here, so that the next pulumi up begins a new one.
step_failed() {
    local reason=$1 version
    version=$(version_of api)
    if [[ -n ${CHANGED:-} ]]; then
        recover "$reason"
    elif [[ $STEP == preflight ]]; then
        say "$reason"
    else
        ledger_append "$(ledger_transition "$TRANSITION" failed '{step: $step, reason: $reason, version: $version}' \
            --arg step "$STEP" --arg reason "$reason" --arg version "$version")"
        say "$reason Nothing was changed: the instance runs $version as before. When the cause is gone, run pulumi up again."
    fi
}
