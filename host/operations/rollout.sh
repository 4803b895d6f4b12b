help_rollout() {
    cat <<'TEXT'
Usage: specivo-host rollout < input.json

Puts api, then celery-worker and celery-beat, on the pinned version; PostgreSQL, Redis and nginx keep running. Where the schema
moves, or a backup is to be restored, nothing writes meanwhile, and the database and files of that moment are kept as restore point.
When the new api does not become healthy, the previous version is put back, with its data, before the operation fails.
Input: as for pin. Result: {"version": …, "recreated": [services], "outageMs": how long nobody was served}
TEXT
}

operation_rollout() {
    run_step rollout
}

step_rollout() {
    local image data point
    # The pin has been changed by the step before: from here on, failing means putting it back.
    CHANGED=yes
    image=$(image_require)
    [[ $(configured_images) == "$REPOSITORY:$TO" ]] ||
        fail "$INSTALL_DIR/.env no longer pins $TO (compose gives $(configured_images | paste -sd' ')); someone edited it meanwhile."
    settings_keep
    database_require
    data=$(ledger_result pin | jq -r .data)
    if [[ $data == restore ]]; then
        point=$(restorable "$RESTORE")
        restore_prepare "$point"
    fi
    if [[ $data != keep ]]; then
        say "stopping celery-beat, celery-worker and api"
        services_stop || fail "the services that write could not be stopped; look at: docker ps"
    fi
    case $data in
        migrate) restore_point_take ;;
        restore)
            restore_swap
            queues_empty
            ;;
    esac
    services_move "$image" || fail "$TO did not become healthy ($(api_log_tail))."
    STEP_RESULT=$(jq -cn --arg version "$TO" --arg image "$image" --arg data "$data" --argjson outage "$OUTAGE_MS" \
        '{version: $version, image: $image, data: $data, outageMs: $outage, recreated: $ARGS.positional}' --args "${RECREATED[@]}")
    say "api, celery-worker and celery-beat run $TO (recreated: ${RECREATED[*]:-none})"
}
