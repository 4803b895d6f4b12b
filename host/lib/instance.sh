# The instance an operation works on: its directory, compose project, containers and own state directory.

readonly STATE_ROOT=${SPECIVO_STATE_ROOT:-/var/lib/specivo-upgrade}
# The services that run the application image; everything else in the project is left alone.
readonly APP_SERVICES=(api celery-worker celery-beat)

# A string of INPUT's top level, without jq. Its values hold no escapes: settings.ts admits none.
input_plain() {
    local key=$1 default=$2
    if [[ $INPUT =~ \"$key\"[[:space:]]*:[[:space:]]*\"([^\"\\]*)\" ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    else
        printf '%s' "$default"
    fi
}

# Any value of INPUT: input '.transition.id'. Empty when it is missing.
input() {
    jq -r "$1 // empty" <<<"$INPUT"
}

instance_paths() {
    INSTALL_DIR=$(input_plain installDir /opt/specivo)
    REPOSITORY=$(input_plain imageRepository specivo/specivo)
}

# Compose as an admin at a clean prompt would run it: nothing from this shell's environment may reach its ${VARIABLES}.
# COMPOSE_ENV_FILES is empty, or names both env files for an instance that was started with both.
compose() {
    (
        cd "$INSTALL_DIR" || exit 1
        env -i PATH="$PATH" HOME="${HOME:-/root}" docker compose "${COMPOSE_ENV_FILES[@]}" "$@" </dev/null
    )
}

# The name of the file that Compose goes by; empty where there is none.
compose_file() {
    local file
    for file in compose.yaml compose.yml docker-compose.yml docker-compose.yaml; do
        [[ ! -f $INSTALL_DIR/$file ]] || break
        file=
    done
    printf '%s' "$file"
}

# Fails when the directory holds no compose project. Sets PROJECT, INSTANCE and STATE.
instance_load() {
    instance_paths
    COMPOSE_ENV_FILES=()
    [[ -n $(compose_file) ]] || return 1
    # A job was told by whoever began it.
    PROJECT=$(cat "${JOB:-}/project" 2>/dev/null) || true
    [[ -n $PROJECT ]] || PROJECT=$(compose config 2>/dev/null | sed -n 's/^name: //p')
    [[ -n $PROJECT ]] || return 1
    INSTANCE=$(printf '%s|%s|%s' "$(cat /etc/machine-id)" "$PROJECT" "$INSTALL_DIR" | sha256sum | cut -c1-12)
    STATE=$STATE_ROOT/$PROJECT-$(printf '%s' "$INSTALL_DIR" | sha256sum | cut -c1-8)
}

tools_require() {
    local tool missing=()
    for tool in docker jq restic flock curl systemd-run; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    ((${#missing[@]} == 0)) || fail "this server lacks ${missing[*]}; install it, for example with: apt-get install -y ${missing[*]}"
    jq -e 'type == "object"' >/dev/null 2>&1 <<<"$INPUT" || fail "the input on stdin is no JSON object; run specivo-host $OPERATION --help."
}

# What every operation but facts needs before it does anything.
instance_require() {
    [[ $(id -u) == 0 ]] || fail "it needs root's rights; run it with sudo."
    tools_require
    instance_load || fail "there is no Specivo in $(input_plain installDir /opt/specivo): no compose file that docker compose can read; check installDir."
    mkdir -p "$STATE/staging"
    WORK=$(mktemp -d "$STATE/staging/work.$$.XXXXXX")
    REASON_FILE=$WORK/reason
}

# The id of a service's container, running or not; empty when there is none. One look serves where nothing is changed.
container() {
    if [[ -n ${CONTAINERS+seen} ]]; then
        [[ ! $'\n'$CONTAINERS =~ $'\n'"$1 "([0-9a-f]+) ]] || printf '%s' "${BASH_REMATCH[1]}"
        return
    fi
    containers_of "$1" | head -n 1
}

# containers_listed OPTION...: `docker ps` of the project's containers, running or not, the newest first; those of `docker compose run` are not
# among them.
containers_listed() {
    docker ps -a --no-trunc --filter "label=com.docker.compose.project=$PROJECT" --filter "label=com.docker.compose.oneoff=False" "$@"
}

# All containers of a service; there are two only in the middle of a cut-over.
containers_of() {
    containers_listed -q --filter "label=com.docker.compose.service=$1"
}

# inspect SERVICE FORMAT: one value of a service's container; empty when there is no container.
inspect() {
    local id
    id=$(container "$1")
    [[ -z $id ]] || docker inspect --format "$2" "$id"
}

state_of() {
    inspect "$1" '{{.State.Status}}'
}

health_of() {
    inspect "$1" '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'
}

image_id_of() {
    inspect "$1" '{{.Image}}'
}

# The version a service runs: its tag when that is X.Y.Z, else the label the release build sets; empty when neither tells.
version_of() {
    local image
    image=$(inspect "$1" '{{.Config.Image}}')
    if [[ $image =~ :([0-9]+\.[0-9]+\.[0-9]+)$ ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    else
        inspect "$1" '{{with index .Config.Labels "org.opencontainers.image.version"}}{{.}}{{end}}'
    fi
}

# The id of an image reference on this server; empty when it is not there.
image_id() {
    docker image inspect --format '{{.Id}}' "$1" 2>/dev/null || true
}

# The image compose would give each application service now, one a line, without repeats.
configured_images() {
    compose config --format json |
        jq -r '[.services | .api, ."celery-worker", ."celery-beat" | .image] | unique | .[]'
}
