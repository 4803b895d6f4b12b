help_rollout() {
    cat <<'TEXT'
Usage: specivo-host rollout < input.json

Recreates api, then celery-worker and celery-beat, on the pinned version; database, Redis and nginx keep running. When the
new api does not become healthy, the previous version is put back before the operation fails.
Input: as for pin.
TEXT
}

operation_rollout() {
    run_step rollout
}

step_rollout() {
    local image
    # The pin has been changed by the step before: from here on, failing means putting it back.
    CHANGED=yes
    image=$(image_require)
    [[ $(configured_images) == "$REPOSITORY:$TO" ]] ||
        fail "$INSTALL_DIR/.env no longer pins $TO (compose gives $(configured_images | paste -sd' ')); someone edited it meanwhile."
    settings_keep
    services_move "$image" || fail "$TO did not become healthy ($(api_log_tail))."
    STEP_RESULT=$(jq -cn --arg version "$TO" --arg image "$image" '{version: $version, image: $image, recreated: $ARGS.positional}' \
        --args "${RECREATED[@]}")
    say "api, celery-worker and celery-beat run $TO (recreated: ${RECREATED[*]:-none})"
}
