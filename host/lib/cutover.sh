# Moving the application services to another image, and back again when that fails. Database, Redis and nginx are never
# touched: --no-deps and named services, always.

# Seconds the new api may take until it answers well; compose's own limit is about 80 s, too short for a migration.
readonly API_START_LIMIT=300

# on_image SERVICE IMAGE-ID: runs, and from that image
on_image() {
    [[ $(state_of "$1") == running && $(image_id_of "$1") == "$2" ]]
}

# Its output goes to a file: written to a connection that is gone, it would kill compose half-way.
compose_up() {
    compose up -d --no-deps --no-build --pull never "$@" >"$WORK/compose" 2>&1 && return 0
    say "docker compose up $*: $(last_words "$WORK/compose" 3)"
    return 1
}

# services_move IMAGE-ID: api first, then worker and beat, to what .env pins now. Sets RECREATED. Fails (returns 1) when
# the api does not become healthy, with the services behind it as they were, or when another image came to run.
services_move() {
    local image=$1 service others=()
    RECREATED=()
    if ! on_image api "$image"; then
        say "recreating api"
        compose_up api || return 1
        RECREATED+=(api)
    fi
    api_wait "$API_START_LIMIT" || return 1
    for service in celery-worker celery-beat; do
        on_image "$service" "$image" || others+=("$service")
    done
    if ((${#others[@]} > 0)); then
        say "recreating ${others[*]}"
        compose_up "${others[@]}" || return 1
        RECREATED+=("${others[@]}")
    fi
    for service in "${APP_SERVICES[@]}"; do
        on_image "$service" "$image" || return 1
    done
}

# recover REASON: to the transition's way back, then the ledger's word on how that went. Runs while an operation is
# failing, so each step is checked here and nothing relies on set -e.
recover() {
    local reason=$1 version image state=recovered
    version=$(ledger_begun .back.version)
    image=$(ledger_begun .back.image)
    say "$reason Putting $version back."
    if ! pin_put_back "$version" "$image" || ! services_move "$image" || ! container_healthy_wait api 120; then
        state=failed
    fi
    ledger_append "$(ledger_transition "$TRANSITION" "$state" '{step: $step, reason: $reason, version: $version}' \
        --arg step "$STEP" --arg reason "$reason" --arg version "$(version_of api)")"
    if [[ $state == recovered ]]; then
        say "$reason The instance is back on $version and healthy; nothing was lost. When the cause is gone, run pulumi up again."
    else
        say "THE INSTANCE IS NOT HEALTHY: putting $version back failed too, after this: $reason By hand: cd $INSTALL_DIR, set SPECIVO_VERSION=$version in .env, docker compose ${COMPOSE_ENV_FILES[*]} up -d --no-deps api celery-worker celery-beat, docker compose logs api. The data is safe in backup $(ledger_result backup | jq -r .id)."
    fi
}

# pin_put_back VERSION IMAGE-ID: .env as it was before this transition's pin, the very bytes, if nobody edited it since and
# they lead to that image; else the one value.
pin_put_back() {
    local version=$1 image=$2 file=$INSTALL_DIR/.env before=$STATE/staging/env.before after=$STATE/staging/env.after
    if [[ -f $before && -f $after ]] && cmp -s "$file" "$after"; then
        replace_file "$file" "$before" || return 1
    fi
    if [[ $(image_id "$(configured_images)") == "$image" ]]; then
        return 0
    fi
    # The image is known by its id; the tag may be missing, as on an instance that ran on `latest`, or may have moved.
    [[ $(image_id "$REPOSITORY:$version") == "$image" ]] || docker tag "$image" "$REPOSITORY:$version" || return 1
    pin_text "$file" "$version" >"$WORK/env" && replace_file "$file" "$WORK/env"
}
