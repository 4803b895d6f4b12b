help_load() {
    cat <<'TEXT'
Usage: specivo-host load < input.json

Loads the image of the transition's version from an archive on this server, as `docker save` or Specivo's offline bundle makes it: in
place of the pull, for a server without a registry.
Input: as for pin without "image", and "archive": its path. Result: {"id": image}
TEXT
}

operation_load() {
    run_step load
}

step_load() {
    local id image=$REPOSITORY:$TO
    [[ -n $(image_id "$image") ]] || image_load "$(input .archive)" "$image"
    id=$(image_id "$image")
    STEP_RESULT=$(jq -cn --arg id "$id" '{id: $id}')
}
