#!/usr/bin/env bash
# What the official image does with POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB and an empty data directory.
set -Eeo pipefail

# First start: a cluster with that superuser and database, made by a temporary server nobody can reach from outside.
init_cluster() {
    local user="${POSTGRES_USER:-postgres}"
    local database="${POSTGRES_DB:-$user}"
    if [[ -z "${POSTGRES_PASSWORD:-}" ]]; then
        echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
        exit 1
    fi
    initdb --username="$user" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") --auth=trust
    printf '\nhost all all all scram-sha-256\n' >>"$PGDATA/pg_hba.conf"

    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
    if [[ "$database" != postgres ]]; then
        psql -v ON_ERROR_STOP=1 --username "$user" --no-password --no-psqlrc --dbname postgres \
            --set db="$database" <<<'CREATE DATABASE :"db";'
    fi
    pg_ctl -D "$PGDATA" -m fast -w stop
    printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

if [[ "${1:0:1}" == - ]]; then
    set -- postgres "$@"
fi

if [[ "$1" == postgres ]]; then
    if [[ "$(id -u)" == 0 ]]; then
        install -d -m 0700 "$PGDATA"
        install -d -m 3775 /var/run/postgresql
        find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
        exec setpriv --reuid postgres --regid postgres --init-groups "${BASH_SOURCE[0]}" "$@"
    fi
    if [[ -s "$PGDATA/PG_VERSION" ]]; then
        printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    else
        init_cluster
    fi
fi

exec "$@"
