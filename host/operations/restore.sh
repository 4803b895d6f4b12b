help_restore() {
    cat <<'TEXT'
Usage: specivo-host restore ID < input.json

Puts the data of a backup back, with the version of Specivo that it is of: for an admin on this server with no Pulumi at hand. ID is
the beginning of a backup's id, see specivo-host backups. What is there now is backed up first if its database answers, and kept
beside the restored data. Runs the steps of a rollback, from preflight to restore-point; fails and recovers as they do.
Result: that of verify. Afterwards set specivoVersion to the restored version, or the next pulumi up upgrades again.
TEXT
}

operation_restore() {
    instance_require
    [[ -n $ARGUMENT ]] || fail "which backup? Give the beginning of its id: specivo-host restore ID; specivo-host backups lists them."
    in_job restore_alone
}

restore_alone() {
    local point number version reference
    lock_take
    point=$(restorable "$ARGUMENT")
    [[ -n $point ]] || fail "the ledger knows no backup '$ARGUMENT'; specivo-host backups lists them."
    version=$(jq -r .version <<<"$point")
    reference=$REPOSITORY:$version
    if [[ -z $(image_id "$reference") ]]; then
        say "pulling $reference"
        docker pull --quiet "$reference" >"$WORK/pull" 2>&1 || fail "the image $reference can't be pulled ($(last_words "$WORK/pull"))."
    fi
    number=$(($(ledger_lines | jq -rs 'map(select(.kind == "transition") | .id | capture("#(?<n>[0-9]+)$").n | tonumber) | max // 0') + 1))
    INPUT=$(jq -c --arg from "$(version_of api)" --arg to "$version" --arg number "$number" --arg instance "$INSTANCE" \
        --arg restore "$(jq -r '.id // .transition' <<<"$point")" --arg image "$(image_id "$reference")" \
        '. + {image: $image, transition: {id: "\($from)-to-\($to)#\($number)", instance: $instance, direction: "rollback", from: $from, to: $to, restore: $restore}}' <<<"$INPUT")
    transition_load
    step_once preflight
    step_once backup
    INPUT=$(jq -c --arg backup "$(jq -r .id <<<"$STEP_RESULT")" '. + {backup: $backup}' <<<"$INPUT")
    step_once rehearsal
    step_once pin
    step_once rollout
    step_once verify
    result "$STEP_RESULT"
    step_once restore-point
}
