# Images of Specivo that transitions brought here: as many stay as a rollback needs.

# images_prune: of those in the ledger stay the one that runs and the one that the last transition came from, for every instance of
# this server. The others go, if no container was made from them, nobody gave them another name, and the registry has them: what
# came in an archive may be nowhere else. An image that is in no ledger is not looked at.
images_prune() {
    local image names='{{range .RepoTags}}{{println .}}{{end}}' tags=()
    for image in $(images_forgotten); do
        [[ $(docker image inspect --format '{{join .RepoDigests " "}}' "$image" 2>/dev/null) == *"$REPOSITORY@"* ]] || continue
        [[ -z $(docker ps -aq --filter "ancestor=$image") ]] || continue
        mapfile -t tags < <(docker image inspect --format "$names" "$image" | sed '/^$/d')
        ! printf '%s\n' "${tags[@]}" | grep -vqE "^($REPOSITORY:.*|)$" || continue
        if ((${#tags[@]} == 0)); then tags=("$image"); fi
        if docker rmi "${tags[@]}" >/dev/null 2>"$WORK/rmi"; then
            say "removed an image that no rollback needs any more: ${tags[*]}"
        else
            say "the image ${tags[*]} could not be removed ($(last_words "$WORK/rmi")); the next transition tries it again"
        fi
    done
}

# Ids of images in this ledger that neither run nor are what a last transition came from, one a line.
images_forgotten() {
    local ledger kept=''
    for ledger in "$STATE_ROOT"/*/ledger.jsonl; do
        kept+=$(jq -rR 'fromjson? | select(.kind == "transition" and .state == "begun") | .back.image' "$ledger" | tail -n 1)$'\n'
    done
    kept+=$(image_id_of api)
    ledger_lines | jq -rs --arg kept "$kept" '
        map(select(.kind == "transition") | if .state == "begun" then .back.image else .image end) - [null] - ($kept | split("\n")) | unique | .[]'
}
