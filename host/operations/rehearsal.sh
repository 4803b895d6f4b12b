help_rehearsal() {
    cat <<'TEXT'
Usage: specivo-host rehearsal < input.json

Starts the whole new image on a copy of the data before production is touched: on the very copy that the backup was proven with, in a
PostgreSQL of its own; where that is gone, the backup is restored from its place off the host once more. The image migrates the copy,
seeds it and starts with a Redis of its own, until its health page is good or startTimeout (see offsite) is over. It runs with the
instance's own settings, but on no network, so that it reaches nothing of production's, and what it writes is in memory: /app/data is
empty, and so is every other directory that the api may write to; what the api may only read, and single files, are mounted read-only.
Afterwards all of it is removed.
A rollback is not rehearsed, nor is an image that the api runs already.
Input: as for pin. Result: {"revisionBefore": …, "revisionAfter": …, "migrated": …, "seconds": …} or {"skipped": why, "seconds": …}
TEXT
}

operation_rehearsal() {
    run_step rehearsal
}

# The most that the new version may take of memory while it migrates and starts; the throwaway server has a limit of its own.
readonly REHEARSAL_MEMORY=700m

step_rehearsal() {
    local skipped before after since id
    skipped=$(rehearsal_needless)
    if [[ -n $skipped ]]; then
        say "no rehearsal: $skipped"
        STEP_RESULT=$(jq -cn --arg skipped "$skipped" '{skipped: $skipped}')
        return
    fi
    image_require >/dev/null
    # The image has just come, and Docker has not waited until it is on disk: see image_distrust.
    sync
    database_require
    throwaway_take "$(input .backup)" || rehearsal_copy
    rehearsal_redis
    settings_keep
    before=$(proof_revision)
    say "starting $TO on the copy, on no network (schema $before)"
    clock
    since=$CLOCK
    rehearsal_start
    id=$(docker ps -aq --no-trunc --filter "label=$(throwaway_label)" --filter label=com.docker.compose.service=api)
    rehearsal_wait "$id"
    clock
    after=$(proof_revision)
    throwaway_remove
    STEP_RESULT=$(jq -cn --arg before "$before" --arg after "$after" '{revisionBefore: $before, revisionAfter: $after, migrated: ($before != $after)}')
    if [[ $before == "$after" ]]; then
        say "$TO is healthy on the copy after $((CLOCK - since)) s; the schema stays at $after"
    else
        say "$TO is healthy on the copy after $((CLOCK - since)) s; the schema went from $before to $after"
    fi
}

# The copy that the backup was proven with is gone: another one.
rehearsal_copy() {
    throwaway_start
    offsite_load
    offsite_open
    say "restoring the backup beside production once more, to try $TO on it"
    proof_restore "$(input .backup)"
}

# Why there is nothing to try; empty when there is. A rollback goes to what ran here before, when there is no time to lose.
rehearsal_needless() {
    if [[ $DIRECTION == rollback ]]; then
        printf 'a rollback goes back to what has run here'
    elif [[ $DIRECTION != upgrade && $(input .image) == "$(image_id_of api)" ]]; then
        printf 'the image stays the one that runs'
    fi
}

# Both listen on the loopback of the throwaway server's network, which has nothing else.
rehearsal_redis() {
    docker run --detach --label "$(throwaway_label)" --network "container:$THROWAWAY" --memory "$REHEARSAL_MEMORY" --memory-swap "$REHEARSAL_MEMORY" \
        "$(redis_image)" redis-server --bind 127.0.0.1 --save '' --appendonly no >/dev/null 2>"$WORK/redis" ||
        fail "a Redis to try $TO with could not be started ($(last_words "$WORK/redis"))."
}

# As compose would start the api with the new image: environment, command and user are those of its file, under a project name that
# no other directory has. In a file, as the environment holds secrets.
rehearsal_start() {
    rehearsal_file >"$WORK/rehearsal.json"
    env -i PATH="$PATH" HOME="${HOME:-/root}" docker compose --project-name "specivo-upgrade-$INSTANCE" --file "$WORK/rehearsal.json" \
        up -d --no-build --pull never >"$WORK/compose" 2>&1 </dev/null ||
        fail "$TO can't be started on a copy of the data ($(last_words "$WORK/compose" 3))."
}

# The URLs of PostgreSQL and Redis lead to the throwaway servers, whatever variable they are in. No restarts: a start that fails is told.
rehearsal_file() {
    local config source
    local -a files=()
    config=$(compose config --format json)
    while read -r source; do
        [[ -d $source ]] || files+=("$source")
    done < <(jq -r '.services.api.volumes[]? | select(.type == "bind") | .source' <<<"$config")
    jq --arg image "$REPOSITORY:$TO" --arg version "$TO" --arg network "container:$THROWAWAY" --arg memory "$REHEARSAL_MEMORY" \
        --arg instance "$INSTANCE" '
        def aside:
            if type != "string" then .
            elif test("^postgres(ql)?(\\+[a-z0-9]+)?://") then (split("://")[0] + "://" + (env.PGUSER | @uri) + "@127.0.0.1:5432/proof")
            elif test("^rediss?://") then "redis://127.0.0.1:6379/0"
            else . end;
        .services.api as $api
        | (($api.volumes // []) | map(select((.target | rtrimstr("/")) != "/app/data"))) as $mounts
        | ($mounts | map(select(.type == "bind" and (.read_only or (.source | IN($ARGS.positional[])))))) as $read
        | {services: {api: (
            ($api | {command, entrypoint, user, working_dir, init} | with_entries(select(.value != null))) + {
                image: $image,
                environment: (($api.environment // {}) | map_values(aside)
                    | if has("SPECIVO_VERSION") then .SPECIVO_VERSION = $version else . end),
                network_mode: $network,
                volumes: ($read | map({type, source, target, read_only: true})),
                tmpfs: (["/app/data"] + (($mounts - $read) | map(.target)) | map(rtrimstr("/")) | unique),
                mem_limit: $memory,
                memswap_limit: $memory,
                restart: "no",
                labels: {"specivo-upgrade.throwaway": $instance}
            })}}' --args -- "${files[@]}" <<<"$config"
}

# rehearsal_wait CONTAINER: until its health page is good.
rehearsal_wait() {
    local id=$1 limit url
    limit=$(start_limit)
    url=http://127.0.0.1:8000$(stealth_prefix)
    clock
    progress_start start_progress "$id" "$CLOCK" "$limit"
    within "$limit" rehearsal_over "$id" "$url" ||
        fail "$TO did not become healthy on a copy of the data within $limit s ($(log_tail "$id"))."
    progress_stop
    rehearsal_running "$id" ||
        fail "$TO does not start on a copy of the data$(rehearsal_memory_spent "$id") ($(log_tail "$id"))."
}

rehearsal_over() {
    health_body_good "$2" in_network_of "$1" || ! rehearsal_running "$1"
}

rehearsal_running() {
    [[ $(docker inspect --format '{{.State.Running}}' "$1") == true ]]
}

rehearsal_memory_spent() {
    [[ $(docker inspect --format '{{.State.OOMKilled}}' "$1") != true ]] || printf ' with %s of memory' "$REHEARSAL_MEMORY"
}
