# Images of Specivo: how one gets here from an archive, what it must be, and how long it stays.

# image_load ARCHIVE IMAGE: for a server without a registry. What docker says is in $WORK/load.
image_load() {
    [[ -r $1 ]] || fail "there is no image archive $1 on this server; put it there, or correct imageArchive."
    say "loading $1"
    docker load --quiet --input "$1" >"$WORK/load" 2>&1 || fail "the image archive $1 can't be loaded ($(last_words "$WORK/load"))."
    [[ -n $(image_id "$2") ]] ||
        fail "the image archive $1 holds no $2 but: $(sed 's/^Loaded image[^:]*: //' "$WORK/load" | paste -sd' '); get the archive of ${2##*:}."
}

# image_digest_require IMAGE DIGEST: what preview showed is what must have come, where it could show it.
image_digest_require() {
    local digests
    [[ -n $2 ]] || return 0
    digests=$(docker image inspect --format '{{join .RepoDigests " "}}' "$1")
    [[ -n $digests ]] || fail "$1 has no digest here, as what comes from an archive has none, and $2 is asked for; take imageDigest out of the config."
    [[ $digests == *"@$2"* ]] ||
        fail "$1 is $digests here, and $2 is asked for, by imageDigest or by what preview showed; if that is of another version, set both, else find out why the tag was moved; then run pulumi up again."
}

# image_distrust TRANSITION-LINE: Docker does not wait until an image's files are on disk. One that came shortly before the power went
# may be there with empty files, and nothing tells: where the last transition fetched it, did not get to trying it, and the server was
# started since, it is fetched again. Its layers may be there though it is not, and would be used again: they go with it alone.
image_distrust() {
    local line=$1 reference=$REPOSITORY:$TO TRANSITION
    TRANSITION=$(jq -r .id <<<"$line")
    jq -e '.state | IN("begun", "failed")' <<<"$line" >/dev/null &&
        [[ $(ledger_begun .to) == "$TO" && $(date -d "$(ledger_begun .at)" +%s) -lt $(boot_time) ]] &&
        [[ -n $(ledger_result backup) && -z $(ledger_result rehearsal) ]] || return 0
    [[ -n $(image_id "$reference") ]] || docker pull --quiet "$reference" >/dev/null 2>&1 || return 0
    [[ -z $(docker ps -aq --filter "ancestor=$reference") ]] || return 0
    say "the server was started anew since $reference was fetched, which may not be whole: it is removed, to be fetched again"
    docker rmi "$reference" >/dev/null 2>"$WORK/rmi" || fail "$reference can't be removed, to be fetched again ($(last_words "$WORK/rmi")); do it by hand: docker rmi $reference"
}

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
