help_facts() {
    cat <<'TEXT'
Usage: specivo-host facts < input.json

Prints what is installed, running and recorded here, as one JSON line. Changes nothing, needs no jq, prints no secret.
Input: {"installDir": "/opt/specivo", "imageRepository": "specivo/specivo", "target": "0.1.10", "imageArchive": file}; all optional. With a
target, also whether its image is on this server, in the archive or in the registry, and when another version runs: which releases there are, what its migrations
are known to stumble over, and what was written since the last transition.
TEXT
}

operation_facts() {
    local engine fields
    if command -v docker >/dev/null && ! engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
        fail "Docker's engine does not answer on the server (${engine##*$'\n'}): start it with \`systemctl start docker\`, then try again."
    fi
    if ! instance_load; then
        facts_compose_file
        PROJECT=
        INSTANCE=
    fi
    ENGINE=${engine:-}
    fields=$(facts_fields | paste -sd,)
    result "{$fields}"
}

# A file that is there and can't be read is no place without a Specivo, to be told of or even to be filled. Compose's own words may
# quote what stands in .env.
facts_compose_file() {
    local file version
    file=$(compose_file)
    # One that is being brought back is not whole yet; and an older Compose can't read what is right.
    [[ -n $file && ! -e $INSTALL_DIR/.installing ]] && version=$(docker compose version --short 2>/dev/null) || return 0
    [[ $(printf '%s\n' 2.24 "${version#v}" | sort -V | head -n 1) != 2.24 ]] ||
        fail "docker compose can't read $INSTALL_DIR/$file on the server: correct what \`docker compose config -q\` there complains of, then try again."
}

# One field a line; their values hold no line breaks.
facts_fields() {
    local version='' services='[]' settings=null busy=null obstacle='' wanted moving=''
    wanted=$(input_plain target '')
    DATABASE=null SINCE=null STUMBLES='[]' CONTAINERS=''
    if [[ -n $PROJECT ]]; then
        facts_look
        version=$(version_of api) || true
    fi
    [[ -z $wanted || $wanted == "$version" ]] || moving=yes
    # The registry is asked while the rest is looked at.
    exec 5< <(facts_target "$wanted" "$version") 6< <(facts_releases "$moving") 4< <(facts_server)
    if [[ -n $PROJECT ]]; then
        exec 7< <(facts_settings) 8< <(cut_over_obstacle)
        services=$(facts_services)
        facts_database "$moving"
        busy=$(facts_busy)
        settings=$(cat <&7)
        obstacle=$(cat <&8)
    fi
    printf '"%s":%s\n' schema 1 \
        now "$(json_string "$(now)")" \
        instance "$(json_string_or_null "$INSTANCE")" \
        machine "$(json_string "$(sha256sum </etc/machine-id | cut -c1-12)")" \
        root "$([[ $(id -u) == 0 ]] && echo true || echo false)" \
        dockerRights "$(facts_docker_rights)" \
        install "$(facts_install)" \
        services "$services" \
        version "$(json_string_or_null "$version")" \
        database "$DATABASE" \
        settings "$settings" \
        cutOverObstacle "$(json_string_or_null "$obstacle")" \
        target "$(cat <&5)" \
        releases "$(cat <&6)" \
        stumbles "$STUMBLES" \
        busy "$busy" \
        transitions "$(facts_ledger transition)" \
        backups "$(facts_ledger backup)" \
        forgotten "$(facts_ledger forgotten)" \
        restorePoints "$(facts_ledger restore-point)" \
        rollouts "$(facts_rollouts)" \
        since "$SINCE"
    cat <&4
}

# What does not depend on what is looked at meanwhile, as fields.
facts_server() {
    printf '"%s":%s\n' tools "$(facts_tools)" \
        space "$(facts_space)" \
        memory "$(facts_memory)" \
        hostKeys "$(facts_host_keys)"
}

# One look at the project's containers, and one at their details, serve all that follows.
facts_look() {
    CONTAINERS=$(containers_listed --format '{{.Label "com.docker.compose.service"}} {{.ID}}')
}

# The pull runs as the SSH user, without sudo.
facts_docker_rights() {
    if [[ -z ${SUDO_USER:-} ]] || runuser -u "$SUDO_USER" -- test -w /var/run/docker.sock; then echo true; else echo false; fi
}

facts_install() {
    printf '{"dir":%s,"present":%s,"project":%s,"pin":%s}' "$(json_string "$INSTALL_DIR")" \
        "$([[ -n $PROJECT && ! -e $INSTALL_DIR/.installing ]] && echo true || echo false)" "$(json_string_or_null "$PROJECT")" \
        "$(json_string_or_null "$(pin_read "$INSTALL_DIR/.env")")"
}

# join LINES: a JSON array of lines that are JSON already
facts_join() {
    printf '[%s]' "$(paste -sd, -)"
}

facts_tools() {
    local compose restic jq
    compose=$(docker compose version --short 2>/dev/null || true)
    restic=$(restic version 2>/dev/null | sed -nE 's/^restic ([0-9.]+).*/\1/p' || true)
    jq=$(jq --version 2>/dev/null | sed 's/^jq-//' || true)
    printf '{"docker":%s,"compose":%s,"restic":%s,"jq":%s}' "$(json_string_or_null "$ENGINE")" \
        "$(json_string_or_null "$compose")" "$(json_string_or_null "$restic")" "$(json_string_or_null "$jq")"
}

facts_services() {
    local ids
    ids=$(cut -d' ' -f2 <<<"$CONTAINERS")
    # shellcheck disable=SC2086 # one id a word
    # One that goes meanwhile is left out.
    [[ -z $ids ]] || { docker inspect --format '{"service":{{json (index .Config.Labels "com.docker.compose.service")}},"container":{{json .ID}},"image":{{json .Config.Image}},"imageId":{{json .Image}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}}' $ids || true; } |
        sed '/^$/d' | facts_join
    [[ -n $ids ]] || printf '[]'
}

# Whether an upgrade would change more than the image. Without jq it can't be told, and nothing is begun without jq.
facts_settings() {
    local api env changed list='[]' known=false
    api=$(container api)
    if [[ -z $api ]] || ! command -v jq >/dev/null; then
        printf null
        return
    fi
    env=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$api")
    ! grep -qxF "SECRET_KEY=$PUBLIC_SECRET_KEY" <<<"$env" || known=true
    if ! changed=$(settings_choose); then list=$(jq -cRs 'split("\n") | map(select(. != ""))' <<<"$changed"); fi
    printf '{"changed":%s,"publicSecretKey":%s,"stealthPrefix":%s}' "$list" "$known" "$(json_string "$(stealth_prefix)")"
}

# Sets DATABASE, STUMBLES and SINCE from one session with the database: facts_database MOVING
facts_database() {
    local moving=$1 lines='' line transaction='' at='' revision='' size=null stumbles=() tables=()
    database_load || return 0
    if [[ -n $moving ]]; then
        line=$(grep -aF '"state":"finished"' "$STATE/ledger.jsonl" 2>/dev/null | tail -n 1 || true)
        [[ ! $line =~ \"transaction\":\"([0-9]+)\" ]] || transaction=${BASH_REMATCH[1]}
        [[ ! $line =~ \"at\":\"([^\"]+)\" ]] || at=${BASH_REMATCH[1]}
    fi
    lines=$({
        printf '%s\n' '\set ON_ERROR_STOP 0' "SELECT 'revision|' || version_num FROM alembic_version;" "SELECT 'size|' || pg_database_size(current_database());"
        if [[ -n $moving ]]; then
            echo "SET statement_timeout = '5s';"
            migration_checks_sql | sed -E "s/'(00[0-9]+|seed)\|'/'stumble|\1|'/g"
        fi
        [[ -z $transaction ]] || facts_since_sql "$transaction"
    } | postgres psql -XAtq -f - 2>/dev/null || true)
    while IFS= read -r line; do
        case $line in
            revision\|*) revision=${line#*|} ;;
            size\|*) size=${line#*|} ;;
            stumble\|*) line=${line#*|} && stumbles+=("{\"revision\":\"${line%%|*}\",\"found\":$(json_string "${line#*|}")}") ;;
            since\|*) line=${line#*|} && tables+=("$(json_string "${line%|*}"):${line##*|}") ;;
        esac
    done <<<"$lines"
    DATABASE=$(printf '{"bundled":%s,"revision":%s,"bytes":%s}' "$([[ -n $DB_CONTAINER ]] && echo true || echo false)" "$(json_string_or_null "$revision")" "$size")
    ((${#stumbles[@]} == 0)) || STUMBLES=$(printf '%s\n' "${stumbles[@]}" | facts_join)
    [[ -z $transaction || -z $revision ]] ||
        SINCE="{\"tables\":{$(printf '%s\n' "${tables[@]}" | paste -sd,)},\"files\":$(facts_files_since "$at")}"
}

# Rows that transactions wrote which began after that one; their ids go round, which age() knows.
facts_since_sql() {
    cat <<SQL
SELECT string_agg(
    format('SELECT ''since|%s|'' || count(*) FROM ONLY %I.%I WHERE age(xmin) < age(''$1''::xid) HAVING count(*) > 0', relname, nspname, relname), ' UNION ALL ')
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname = 'public'
\\gexec
SQL
}

facts_files_since() {
    local data
    data=$(inspect api '{{range .Mounts}}{{if eq .Destination "/app/data"}}{{.Source}}{{end}}{{end}}')
    # Before the first upload there is no directory for them.
    { find "$data/$(uploads_directory)" -type f -newermt "$1" -printf x 2>/dev/null || true; } | wc -c
}

# Bytes that are free where backups, databases and images are made, and the size of the running image, which tells the next one's.
facts_space() {
    local root api image=null free
    root=$(docker info --format '{{.DockerRootDir}}' 2>/dev/null || true)
    free=$(df -B1 --output=avail /var/lib "${root:-/var/lib}" 2>/dev/null | tail -n +2 | sort -n | head -n 1 | tr -d ' ')
    api=$([[ -z $PROJECT ]] || container api)
    [[ -z $api ]] || image=$(docker image inspect --format '{{.Size}}' "$(docker inspect --format '{{.Image}}' "$api")" 2>/dev/null) || true
    # Of a container that has just gone Docker prints an empty line.
    [[ $image =~ ^[0-9]+$ ]] || image=null
    printf '{"free":%s,"image":%s}' "${free:-null}" "$image"
}

# Bytes of memory that can be had, swap included, and that the api uses now.
facts_memory() {
    local used=0
    [[ -z $PROJECT ]] || used=$(api_memory)
    [[ $used != 0 ]] || used=null
    printf '{"available":%s,"api":%s}' "$(memory_available)" "$used"
}

# The lock's holder, when it is held; probing it shared and on a descriptor of our own lets no one wait.
facts_busy() {
    local holder
    if [[ ! -f $STATE/lock ]] || flock -n -s "$STATE/lock" true; then
        printf null
        return
    fi
    # It may just have been taken, and not been signed yet.
    holder=$(cat "$STATE/lock")
    printf '%s' "${holder:-{\"operation\":\"an operation\",\"transition\":\"\"\}}"
}

# facts_ledger KIND: the ledger's lines of that kind, as they are; half a line, as a loss of power leaves it, is passed over.
facts_ledger() {
    local lines=''
    [[ -z $PROJECT ]] || lines=$(grep -a "\"kind\":\"$1\"" "$STATE/ledger.jsonl" 2>/dev/null | grep -a '}$' || true)
    if [[ -n $lines ]]; then facts_join <<<"$lines"; else printf '[]'; fi
}

# How earlier rollouts went: what became of the data, and how long nobody was served.
facts_rollouts() {
    [[ -z $PROJECT ]] || grep -aF '"step":"rollout"' "$STATE/ledger.jsonl" 2>/dev/null | grep -ao '"result":{.*}' | sed -E 's/^"result"://; s/\}$//' | tail -n 10 | facts_join
    [[ -n $PROJECT ]] || printf '[]'
}

# An image that is here already is not asked for: an air-gapped server has no registry.
facts_target() {
    local version=$1 running=$2 reference id='' digests='' answer archive digest=null registry='not asked'
    if [[ -z $version ]]; then
        printf null
        return
    fi
    reference=$REPOSITORY:$version
    read -r id digests < <(docker image inspect --format '{{.Id}} {{join .RepoDigests " "}}' "$reference" 2>/dev/null) || true
    [[ $digests != "$REPOSITORY@sha256:"* || $digests == *' '* ]] || digest="\"${digests#*@}\""
    archive=$(input_plain imageArchive '')
    if [[ -n $archive ]]; then
        [[ -n $id || -r $archive ]] || registry='no archive'
    elif [[ -z $id && $version != "$running" ]]; then
        answer=$(registry_lookup "$reference")
        case $answer in
            sha256:*) registry=found digest="\"$answer\"" ;;
            *) registry=$answer ;;
        esac
    fi
    printf '{"version":%s,"imageId":%s,"registry":"%s","digest":%s}' "$(json_string "$version")" "$(json_string_or_null "$id")" "$registry" "$digest"
}

# Null when no other version is asked for, or the registry did not tell: facts_releases MOVING
facts_releases() {
    local releases
    if [[ -z $1 || -n $(input_plain imageArchive '') ]] || ! releases=$(registry_releases "$REPOSITORY"); then
        printf null
    else
        # shellcheck disable=SC2086 # one a word
        printf '"%s"\n' $releases | facts_join
    fi
}

# The keys that the SSH server shows; some of those that lie in /etc/ssh may be switched off.
facts_host_keys() {
    local file type key
    { PATH=$PATH:/usr/sbin sshd -T 2>/dev/null || true; } | sed -n 's/^hostkey //p' |
        while read -r file; do
            if [[ -f $file.pub ]] && read -r type key _ <"$file.pub"; then
                json_string "$type $key"
                echo
            fi
        done | facts_join
}
