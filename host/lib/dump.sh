# A dump of a database, and what it holds, both of one and the same moment.

# Rows of every table, as one JSON object. The query makes the query that counts.
count_rows_sql() {
    cat <<'SQL'
SELECT 'SELECT json_object_agg(name, rows ORDER BY name) FROM (' || string_agg(
    format('SELECT %L AS name, count(*) AS rows FROM ONLY %I.%I', nspname || '.' || relname, nspname, relname), ' UNION ALL ')
    || ') counted'
FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND relpersistence = 'p' AND nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
\gexec
SQL
}

# The transaction stays open while pg_dump reads the very snapshot that the rows were counted in.
dump_script() {
    printf '%s\n' 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;' 'SELECT pg_export_snapshot() AS snapshot \gset' '\setenv SNAPSHOT :snapshot'
    count_rows_sql
    # Uncompressed: restic compresses by itself, and finds what it has stored already only in what is not compressed yet.
    printf '%s\n' '\! exec pg_dump --format=custom --compress=0 --snapshot="$SNAPSHOT"' \
        '\if :SHELL_ERROR' "DO \$\$BEGIN RAISE 'pg_dump ended with an error'; END\$\$;" '\endif'
}

# dump_database DATABASE FILE COUNTS [COMMAND...]: the dump into FILE, the rows of each table into COUNTS. The command runs as soon as
# the moment is fixed. The file has the same name each time, so that restic finds the one before to compare with.
dump_database() {
    local database=$1 file=$2 counts=$3
    shift 3
    dump_script | PGDATABASE=$database postgres psql -XAtq -v ON_ERROR_STOP=1 -f - 2>"$WORK/pg_dump" | {
        IFS= read -r line || true
        printf '%s\n' "$line" >"$counts"
        [[ $# == 0 ]] || "$@" >&2
        cat >"$file"
    } || fail "the dump of the database $PGDATABASE failed ($(last_words "$WORK/pg_dump" 2))."
    # An install with an external database also runs an empty bundled one; its dump would be a backup of nothing.
    jq -e '(.["public.alembic_version"] // 0) == 1 and (.["public.users"] // 0) > 0' "$counts" >/dev/null ||
        fail "the database $PGDATABASE of $PGHOST holds no Specivo with users in it (tables alembic_version and users); check DATABASE_URL."
}
