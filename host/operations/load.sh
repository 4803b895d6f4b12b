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
    local archive id
    archive=$(input .archive)
    if [[ -z $(image_id "$REPOSITORY:$TO") ]]; then
        [[ -r $archive ]] || fail "there is no image archive $archive on this server; put it there, or correct imageArchive."
        say "loading $archive"
        docker load --quiet --input "$archive" >"$WORK/load" 2>&1 || fail "the image archive $archive can't be loaded ($(last_words "$WORK/load"))."
    fi
    id=$(image_id "$REPOSITORY:$TO")
    [[ -n $id ]] || fail "the image archive $archive holds no $REPOSITORY:$TO but: $(sed 's/^Loaded image[^:]*: //' "$WORK/load" | paste -sd' '); get the archive of $TO."
    STEP_RESULT=$(jq -cn --arg id "$id" '{id: $id}')
}
