help_rollout() {
    cat <<'TEXT'
Usage: specivo-host rollout < input.json

Puts api, then celery-worker and celery-beat, on the pinned version; PostgreSQL, Redis and nginx keep running. Where the schema
stays, the new api is started beside the old one and takes over when it is well, if this server can do that; nobody notices. Where it
moves, or a backup is to be restored, nothing writes meanwhile, and the database and files of that moment are kept as restore point.
When the new api does not become healthy, the previous version is put back, with its data, before the operation fails.
Input: as for pin. Result: {"version": …, "recreated": [services], "outageMs": for how long nobody was served, seen
through nginx}
TEXT
}

operation_rollout() {
    run_step rollout
}

step_rollout() {
    local image data point obstacle beside=''
    # The pin has been changed by the step before: from here on, failing means putting it back.
    CHANGED=yes
    rm -f "$STATE"/jobs/*/pinned
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
    api_alone "$(ledger_begun .back.image)" || fail "of the two api containers that an interrupted cut-over left, one can't be removed; look at: docker ps"
    outage_watch
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
        keep)
            obstacle=$(cut_over_obstacle)
            if [[ -z $obstacle ]]; then beside=beside; else say "the new api can't start beside the old one ($obstacle), so nobody is served while it starts"; fi
            ;;
    esac
    services_move "$image" "$beside" || fail "$TO did not become healthy ($(api_log_tail))."
    outage_end
    STEP_RESULT=$(jq -cn --arg version "$TO" --arg image "$image" --arg data "$data" --argjson outage "$OUTAGE_MS" \
        '{version: $version, image: $image, data: $data, outageMs: $outage, recreated: $ARGS.positional}' --args "${RECREATED[@]}")
    say "api, celery-worker and celery-beat run $TO (recreated: ${RECREATED[*]:-none})"
}
