# An upgrade may change the image and nothing else. Compose interpolates ${VARIABLES} from .env alone, while an instance
# started by `make up` also got those of .env.local: the same directory, two different databases and secret keys.

# What Specivo's compose file falls back to, and everybody knows: whoever has it can sign in as anybody.
readonly PUBLIC_SECRET_KEY=dev-insecure-key-change-me-in-production-please

# What compose would change now of how the application services run, one `SERVICE: KEY` a line: environment, mounts, command. Values
# stay in the pipe. The pin itself is no change: it reaches the containers only because .env is an env_file too.
settings_changed() {
    local ids=() service id images
    for service in "${APP_SERVICES[@]}"; do
        id=$(container "$service")
        [[ -z $id ]] || ids+=("$id")
    done
    images=$(docker inspect --format '{{.Image}}' "${ids[@]}" | sort -u)
    # shellcheck disable=SC2086 # one id a word
    jq -rn --slurpfile now <(compose config --format json) --slurpfile running <(docker inspect "${ids[@]}") \
        --slurpfile images <(docker image inspect $images) '
        def pairs: map(capture("^(?<key>[^=]+)=(?<value>.*)$"; "s")) | map({(.key): .value}) | add // {};
        # As compose prints it, a $ is doubled.
        def plain: gsub("\\$\\$"; "$");
        def differing($a; $b): ($a + $b | keys[]) | select($a[.] != $b[.]);
        ($images[0] | map({(.Id): .Config}) | add) as $image
        | $running[0][] | .Config.Labels["com.docker.compose.service"] as $service | $image[.Image] as $own
        | ($now[0].services[$service] // {}) as $next
        | (differing(
                # A variable that is only passed on has no value.
                (($own.Env // []) | pairs) + (($next.environment // {}) | with_entries(select(.value != null) | .value |= (tostring | plain))) | del(.SPECIVO_VERSION);
                (.Config.Env | pairs) | del(.SPECIVO_VERSION))),
          (differing(
                ($next.volumes // []) | map(select(.type == "bind") | {("mount " + .target): .source}) | add // {};
                .Mounts | map(select(.Type == "bind") | {("mount " + .Destination): .Source}) | add // {})
            | select(startswith("mount "))),
          (if ($next.command != null) and ($next.command | map(plain)) != .Config.Cmd then "command" else empty end)
        | "\($service): \(.)"'
}

# Chooses how compose is called from here on, so that the running settings stay as they are. Fails (returns 1), and prints what would
# change, when no way does.
settings_choose() {
    local changed
    COMPOSE_ENV_FILES=()
    changed=$(settings_changed)
    [[ -n $changed ]] || return 0
    if [[ -f $INSTALL_DIR/.env.local ]]; then
        COMPOSE_ENV_FILES=(--env-file .env --env-file .env.local)
        [[ -n $(settings_changed) ]] || return 0
    fi
    printf '%s\n' "$changed"
    return 1
}

settings_keep() {
    settings_choose >"$WORK/settings" ||
        fail "docker compose would now start the application with other settings than it runs with ($(paste -sd, "$WORK/settings" | sed 's/,/, /g')); an upgrade changes nothing but the image, so put these back in $INSTALL_DIR, or apply them first with: docker compose up -d"
}
