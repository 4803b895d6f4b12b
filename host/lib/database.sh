# The effective database: the one the running api is connected to, which need not be the bundled one.

# Percent-decoding, as in the user and password of a URL.
url_decode() {
    local text=${1//\\/\\\\}
    printf '%b' "${text//%/\\x}"
}

# Reads DATABASE_URL of the api's container into PGUSER, PGPASSWORD, PGDATABASE, PGHOST, PGPORT (for docker's -e NAME, so that
# no value stands in an argument list), and DB_CONTAINER (empty for an external server). Fails when the api has none.
database_load() {
    local api url pattern
    api=$(container api)
    [[ -n $api ]] || return 1
    url=$(docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "$api" | sed -n 's/^DATABASE_URL=//p')
    pattern='^postgres(ql)?(\+[a-z0-9]+)?://([^:@/]*)(:([^@]*))?@(\[[^]]+\]|[^:/?]+)(:([0-9]+))?/([^?]*)'
    [[ $url =~ $pattern ]] || return 1
    PGUSER=$(url_decode "${BASH_REMATCH[3]}")
    PGPASSWORD=$(url_decode "${BASH_REMATCH[5]}")
    PGHOST=$(tr -d "[]" <<<"${BASH_REMATCH[6]}")
    PGPORT=${BASH_REMATCH[8]:-5432}
    PGDATABASE=$(url_decode "${BASH_REMATCH[9]}")
    export PGUSER PGPASSWORD PGHOST PGPORT PGDATABASE
    DB_CONTAINER=$(container "$PGHOST")
}

database_require() {
    database_load || fail "the api's DATABASE_URL names no PostgreSQL database; check $INSTALL_DIR/.env."
}

# The image of a PostgreSQL like the one in use, for clients and throwaway servers.
database_image() {
    local image
    if [[ -n $DB_CONTAINER ]]; then
        docker inspect --format '{{.Image}}' "$DB_CONTAINER"
        return
    fi
    image=$(inspect db '{{.Image}}')
    # An install with an external server may have taken the service out of its compose file.
    [[ -n $image ]] || image=$(compose config --images db 2>/dev/null) || image=pgvector/pgvector:pg18
    printf '%s' "$image"
}

# postgres TOOL [ARG...]: a PostgreSQL client of the server's own version, on the database PGDATABASE, stdin passed on.
# Bundled: inside the server's container, over its local socket. External: in a container of the db image on the project's
# network, where the host name means what it means to the api.
postgres() {
    local network
    if [[ -n $DB_CONTAINER ]]; then
        docker exec -i -e PGUSER -e PGPASSWORD -e PGDATABASE -e PGOPTIONS "$DB_CONTAINER" "$@"
    else
        network=$(inspect api '{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}' | head -n 1)
        docker run --rm -i --network "$network" --add-host host.docker.internal:host-gateway \
            -e PGUSER -e PGPASSWORD -e PGDATABASE -e PGHOST -e PGPORT -e PGOPTIONS --entrypoint "$1" "$(database_image)" "${@:2}"
    fi
}

# sql QUERY [DATABASE]: its rows, unadorned.
sql() {
    PGDATABASE=${2:-$PGDATABASE} postgres psql -XAtq -v ON_ERROR_STOP=1 -c "$1" </dev/null
}

# Read with SQL: `alembic current` of an older image fails on a newer schema. Fails where there is none.
schema_revision() {
    local revision
    revision=$(sql 'SELECT version_num FROM alembic_version' "$@") && [[ -n $revision ]] && printf '%s' "$revision"
}

sql_identifier() {
    printf '"%s"' "${1//\"/\"\"}"
}

sql_literal() {
    printf "'%s'" "${1//\'/\'\'}"
}

# The names of databases of our own beside the application's: short, and apart for every instance that shares the server.
# database_aside KIND NUMBER: `before` a transition, `restored` for it, or `failed` in it.
database_aside() {
    printf 'specivo_%s_%s_%s' "$INSTANCE" "$1" "$2"
}

# Statements about databases can't be run from the one they are about.
server_sql() {
    PGOPTIONS='-c client_min_messages=warning' sql "$1" postgres
}

database_exists() {
    [[ $(server_sql "SELECT 1 FROM pg_database WHERE datname = $(sql_literal "$1")") == 1 ]]
}

# database_gone NAME: the server says so. One that does not answer says nothing.
database_gone() {
    [[ $(server_sql "SELECT count(*) FROM pg_database WHERE datname = $(sql_literal "$1")") == 0 ]]
}

# Ends all connections to a database. A backend whose client was stopped may go on waiting, and hold its locks.
database_disconnect() {
    server_sql "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $(sql_literal "$1") AND pid <> pg_backend_pid()" >/dev/null
}

# database_rename FROM TO [FROM TO]...: all in one step or none.
database_rename() {
    local statements='' from try
    local -a froms=()
    while (($# > 0)); do
        froms+=("$1")
        statements+="ALTER DATABASE $(sql_identifier "$1") RENAME TO $(sql_identifier "$2"); "
        shift 2
    done
    for try in 1 2 3; do
        for from in "${froms[@]}"; do database_disconnect "$from"; done
        ! server_sql "BEGIN; $statements COMMIT" 2>"$WORK/psql" || return 0
    done
    return 1
}

database_drop() {
    server_sql "DROP DATABASE IF EXISTS $(sql_identifier "$1") WITH (FORCE)"
}

# database_copy FROM TO: as the files lie, which is a second for 500 MB where a dump takes ten. Nobody may be connected.
database_copy() {
    local strategy='STRATEGY FILE_COPY' try
    (($(server_sql 'SHOW server_version_num') >= 150000)) || strategy=
    for try in 1 2 3; do
        database_disconnect "$1"
        if server_sql "CREATE DATABASE $(sql_identifier "$2") TEMPLATE $(sql_identifier "$1") $strategy" 2>"$WORK/psql"; then
            database_settings_copy "$1" "$2"
            return
        fi
    done
    return 1
}

# database_create_like EXISTING NEW: empty, with the same owner, encoding, locale and settings.
database_create_like() {
    server_sql "SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L',
            $(sql_literal "$2"), pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype)
        || CASE to_jsonb(d) ->> 'datlocprovider'
            WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))
            WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', to_jsonb(d) ->> 'datlocale')
            ELSE '' END
        FROM pg_database d WHERE datname = $(sql_literal "$1")" >"$WORK/create-database"
    server_sql "$(<"$WORK/create-database")"
    database_settings_copy "$1" "$2"
}

# What ALTER DATABASE ... SET and GRANT have attached to a database belongs to its name's new bearer too; a template's copy lacks it.
database_settings_copy() {
    server_sql "SELECT format('ALTER DATABASE %I OWNER TO %I;', $(sql_literal "$2"), pg_get_userbyid(datdba))
            FROM pg_database WHERE datname = $(sql_literal "$1")
        UNION ALL
        SELECT format(CASE WHEN setrole = 0 THEN 'ALTER DATABASE %1\$I SET %3\$s = %4\$s;' ELSE 'ALTER ROLE %2\$I IN DATABASE %1\$I SET %3\$s = %4\$s;' END,
                $(sql_literal "$2"), pg_get_userbyid(setrole), split_part(setting, '=', 1),
                -- A list, such as search_path, is stored as it is written.
                CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')
                    THEN substr(setting, strpos(setting, '=') + 1) ELSE quote_literal(substr(setting, strpos(setting, '=') + 1)) END)
            FROM pg_db_role_setting, unnest(setconfig) setting
            WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = $(sql_literal "$1"))
        UNION ALL
        SELECT format('GRANT %s ON DATABASE %I TO %s;', privilege_type, $(sql_literal "$2"),
                CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
            FROM pg_database, aclexplode(datacl) WHERE datname = $(sql_literal "$1")" >"$WORK/database-settings"
    [[ ! -s $WORK/database-settings ]] || server_sql "$(<"$WORK/database-settings")"
}
