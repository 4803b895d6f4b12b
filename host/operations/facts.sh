help_facts() {
    cat <<'TEXT'
Usage: specivo-host facts < input.json

Prints what is installed, running and recorded here, as one JSON line. Changes nothing, needs no jq, prints no secret.
Input: {"installDir": "/opt/specivo", "imageRepository": "specivo/specivo", "target": "0.1.10"}; all optional. With a
target, also whether its image is on this server, or in the registry.
TEXT
}

operation_facts() {
    local engine
    if command -v docker >/dev/null && ! engine=$(docker version --format '{{.Server.Version}}' 2>&1); then
        fail "Docker's engine does not answer on the server (${engine##*$'\n'}): start it with \`systemctl start docker\`, then try again."
    fi
    if ! instance_load; then
        PROJECT=
        INSTANCE=
    fi
    result "{$(facts_fields | paste -sd,)}"
}

# One field a line; their values hold no line breaks.
facts_fields() {
    local version='' services='[]' database=null busy=null since=null
    if [[ -n $PROJECT ]]; then
        version=$(version_of api)
        services=$(facts_services)
        database=$(facts_database)
        busy=$(facts_busy)
        since=$(facts_since)
    fi
    printf '"%s":%s\n' schema 1 \
        now "$(json_string "$(now)")" \
        instance "$(json_string_or_null "$INSTANCE")" \
        root "$([[ $(id -u) == 0 ]] && echo true || echo false)" \
        dockerRights "$(facts_docker_rights)" \
        tools "$(facts_tools)" \
        install "$(facts_install)" \
        services "$services" \
        version "$(json_string_or_null "$version")" \
        database "$database" \
        target "$(facts_target "$version")" \
        hostKeys "$(facts_host_keys)" \
        busy "$busy" \
        transitions "$(facts_ledger transition)" \
        backups "$(facts_ledger backup)" \
        forgotten "$(facts_ledger forgotten)" \
        restorePoints "$(facts_ledger restore-point)" \
        since "$since"
}

# The pull runs as the SSH user, without sudo.
facts_docker_rights() {
    if [[ -z ${SUDO_USER:-} ]] || runuser -u "$SUDO_USER" -- test -w /var/run/docker.sock; then echo true; else echo false; fi
}

facts_install() {
    printf '{"dir":%s,"present":%s,"project":%s,"pin":%s}' "$(json_string "$INSTALL_DIR")" \
        "$([[ -n $PROJECT ]] && echo true || echo false)" "$(json_string_or_null "$PROJECT")" \
        "$(json_string_or_null "$(pin_read "$INSTALL_DIR/.env")")"
}

# join LINES: a JSON array of lines that are JSON already
facts_join() {
    printf '[%s]' "$(paste -sd, -)"
}

facts_tools() {
    local docker compose restic jq
    docker=$(docker version --format '{{.Server.Version}}' 2>/dev/null || true)
    compose=$(docker compose version --short 2>/dev/null || true)
    restic=$(restic version 2>/dev/null | sed -nE 's/^restic ([0-9.]+).*/\1/p' || true)
    jq=$(jq --version 2>/dev/null | sed 's/^jq-//' || true)
    printf '{"docker":%s,"compose":%s,"restic":%s,"jq":%s}' "$(json_string_or_null "$docker")" \
        "$(json_string_or_null "$compose")" "$(json_string_or_null "$restic")" "$(json_string_or_null "$jq")"
}

facts_services() {
    local ids
    ids=$(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$PROJECT" --filter label=com.docker.compose.oneoff=False)
    # shellcheck disable=SC2086 # one id a word
    [[ -z $ids ]] || docker inspect --format '{"service":{{json (index .Config.Labels "com.docker.compose.service")}},"container":{{json .ID}},"image":{{json .Config.Image}},"imageId":{{json .Image}},"state":{{json .State.Status}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}null{{end}}}' $ids |
        facts_join
    [[ -n $ids ]] || printf '[]'
}

facts_database() {
    local revision
    if ! database_load; then
        printf null
        return
    fi
    revision=$(schema_revision 2>/dev/null || true)
    printf '{"bundled":%s,"revision":%s}' "$([[ -n $DB_CONTAINER ]] && echo true || echo false)" "$(json_string_or_null "$revision")"
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

# What a rollback to the newest restore point would set aside: rows and files written since that transition finished. Counted when
# the version asked for is another one than runs.
facts_since() {
    local finished transaction='' at='' data tables files target
    finished=$(grep -aF '"state":"finished"' "$STATE/ledger.jsonl" 2>/dev/null | tail -n 1 || true)
    [[ ! $finished =~ \"transaction\":\"([0-9]+)\" ]] || transaction=${BASH_REMATCH[1]}
    [[ ! $finished =~ \"at\":\"([^\"]+)\" ]] || at=${BASH_REMATCH[1]}
    target=$(input_plain target '')
    if [[ -z $transaction || -z $target || $target == "$(version_of api)" ]] || ! database_load; then
        printf null
        return
    fi
    # Transaction ids go round; age() knows.
    tables=$(facts_since_sql "$transaction" | postgres psql -XAtq -v ON_ERROR_STOP=1 -f - 2>/dev/null) || {
        printf null
        return
    }
    data=$(inspect api '{{range .Mounts}}{{if eq .Destination "/app/data"}}{{.Source}}{{end}}{{end}}')
    files=$(find "$data/$(uploads_directory)" -type f -newermt "$at" -printf x 2>/dev/null | wc -c)
    printf '{"tables":%s,"files":%s}' "${tables:-\{\}}" "$files"
}

facts_since_sql() {
    cat <<SQL
SELECT 'SELECT coalesce(json_object_agg(name, rows ORDER BY rows DESC) FILTER (WHERE rows > 0), ''{}'') FROM (' || string_agg(
    format('SELECT %L AS name, count(*) AS rows FROM ONLY %I.%I WHERE age(xmin) < age(''%s''::xid)', relname, nspname, relname, '$1'), ' UNION ALL ')
    || ') counted'
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname = 'public'
\gexec
SQL
}

# Asked of this server's engine, not of the operator's machine: here is where the pull will happen, with this network and mirror.
facts_target() {
    local version running=$1 reference id registry='not asked' answer status
    version=$(input_plain target '')
    if [[ -z $version ]]; then
        printf null
        return
    fi
    reference=$REPOSITORY:$version
    id=$(image_id "$reference")
    if [[ -z $id && $version != "$running" ]]; then
        answer=$(curl -sS --max-time 10 --unix-socket /var/run/docker.sock -w '\n%{http_code}' \
            "http://localhost/distribution/$reference/json" 2>/dev/null || true)
        status=${answer##*$'\n'}
        if [[ $status == 200 ]]; then
            registry=found
        elif [[ $status == 404 || $answer == *'manifest unknown'* || $answer == *'not found'* || $answer == *denied* ]]; then
            registry=missing
        else
            registry=unreachable
        fi
    fi
    printf '{"version":%s,"imageId":%s,"registry":"%s"}' "$(json_string "$version")" "$(json_string_or_null "$id")" "$registry"
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
