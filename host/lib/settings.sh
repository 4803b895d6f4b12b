# An upgrade may change the image and nothing else. Compose interpolates ${VARIABLES} from .env alone, while an instance
# started by `make up` also got those of .env.local: the same directory, two different databases and secret keys.

# Names of the api's settings that compose would change now, one a line. Values stay in the pipe. The pin itself is none: it
# reaches the container only because .env is an env_file too.
settings_changed() {
    local api
    api=$(container api)
    jq -rn --slurpfile now <(compose config --format json) --slurpfile running <(docker inspect "$api") \
        --slurpfile image <(docker image inspect "$(docker inspect --format '{{.Image}}' "$api")") '
        def pairs: map(capture("^(?<key>[^=]+)=(?<value>.*)$"; "s")) | map({(.key): .value}) | add // {};
        ($image[0][0].Config.Env // [] | pairs) as $fromImage
        # As compose prints it, a $ in a value is doubled, and a variable that is only passed on has no value.
        | (($now[0].services.api.environment // {}) | with_entries(select(.value != null) | .value |= (tostring | gsub("\\$\\$"; "$")))) as $next
        | ($running[0][0].Config.Env | pairs) as $current
        | ($fromImage + $next) as $expected
        | (($expected + $current) | del(.SPECIVO_VERSION) | keys[])
        | select($expected[.] != $current[.])'
}

# Chooses how compose is called from here on, so that the running settings stay as they are; refuses when no way does.
settings_keep() {
    COMPOSE_ENV_FILES=()
    local changed
    changed=$(settings_changed)
    [[ -n $changed ]] || return 0
    if [[ -f $INSTALL_DIR/.env.local ]]; then
        COMPOSE_ENV_FILES=(--env-file .env --env-file .env.local)
        [[ -n $(settings_changed) ]] || return 0
    fi
    fail "docker compose would now start the api with other settings than it runs with (${changed//$'\n'/, }); an upgrade changes nothing but the image, so put these back in $INSTALL_DIR/.env, or apply them first with: docker compose up -d"
}
