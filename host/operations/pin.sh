help_pin() {
    cat <<'TEXT'
Usage: specivo-host pin < input.json

Sets SPECIVO_VERSION in .env to the transition's target, in one step; every other byte of the file stays.
Input: as for preflight, and "backup": the id this transition's backup gave, "image": the id of the pulled image.
TEXT
}

operation_pin() {
    run_step pin
}

step_pin() {
    local file=$INSTALL_DIR/.env previous image schema
    [[ -w $file ]] || fail "$file can't be written any more; the version is pinned there."
    image=$(image_require)
    settings_keep
    schema=$(pin_schema "$image")
    previous=$(pin_read "$file")
    cp -p "$file" "$STATE/staging/env.before"
    pin_text "$file" "$TO" >"$STATE/staging/env.after"
    if ! cmp -s "$file" "$STATE/staging/env.after"; then
        CHANGED=yes
        pin_alone_watch
        replace_file "$file" "$STATE/staging/env.after"
    fi
    [[ $(configured_images) == "$REPOSITORY:$TO" ]] ||
        fail "docker compose takes the application image from elsewhere than SPECIVO_VERSION in $file (it gives $(configured_images | paste -sd' ')); let api, celery-worker and celery-beat use image: $REPOSITORY:\${SPECIVO_VERSION}."
    STEP_RESULT=$(jq -c --arg version "$TO" --arg previous "$previous" --arg image "$image" \
        '{version: $version, previous: $previous, changed: ($version != $previous), image: $image} + .' <<<"$schema")
    say "$file pins $TO (before: ${previous:-nothing})"
}

# The image the pull brought, by id: a tag may have moved since it was planned. Prints the id.
image_require() {
    local id
    id=$(image_id "$REPOSITORY:$TO")
    [[ -n $id ]] ||
        fail "the image $REPOSITORY:$TO is not on this server; run pulumi up without --target, so that it is pulled."
    [[ $id == "$(input .image)" ]] ||
        fail "$REPOSITORY:$TO is image $id here, not $(input .image) as pulled for $TRANSITION; run pulumi up again, so that it is planned anew."
    image_digest_require "$REPOSITORY:$TO" "$(ledger_begun '.digest // empty')"
    printf '%s' "$id"
}

# What becomes of the schema: asks the image, without network or data, for the newest revision it knows and for those that
# lie between. Prints {"data": "keep", "migrate" or "restore", "revision": …, "migrations": [revision, …]}.
pin_schema() {
    local image=$1 head current data=keep migrations='[]'
    # Where the rehearsal moved nothing, it is known already.
    head=$(ledger_result rehearsal | jq -r 'select(.migrated == false) | .revisionAfter')
    [[ -n $head ]] || head=$(docker run --rm --network none --entrypoint alembic "$image" heads 2>"$WORK/alembic" | sed -nE 's/^([0-9a-z_]+) .*/\1/p')
    [[ -n $head ]] || fail "the image $REPOSITORY:$TO does not tell its schema revision ($(last_words "$WORK/alembic")); nothing was changed."
    if [[ -n $RESTORE ]]; then
        data=restore
        current=$(restorable "$RESTORE" | jq -r .revision)
        [[ $head == "$current" ]] ||
            fail "$TO wants schema $head, and what is to be restored has $current; choose the version it is of, see specivo-host backups."
    else
        database_require
        current=$(schema_revision)
    fi
    if [[ $head != "$current" ]]; then
        [[ $DIRECTION != upgrade ]] || migrations=$(pin_migrations "$image" "$current" "$head") || migrations='[]'
        [[ $migrations != '[]' ]] ||
            fail "$TO wants schema $head and the database is at $current, which it can't be brought from; set specivoVersion to the release that fits the database, or restore a backup of $TO."
        data=migrate
    fi
    [[ $data == keep ]] || copy_require
    jq -cn --arg data "$data" --arg revision "$head" --argjson migrations "$migrations" '{data: $data, revision: $revision, migrations: $migrations}'
}

# What keeps, or puts back, a restore point: the right to make a database beside the one in use, and to rename both. Known before anything is
# stopped. A server that does not start any more begins anew, with a user who may.
copy_require() {
    local may
    database_require
    [[ -z $DB_CONTAINER || $(ledger_result backup | jq -r .database) != "does not answer" ]] || return 0
    may=$(server_sql 'SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user' 2>"$WORK/psql") ||
        fail "the database postgres on $PGHOST can't be used ($(last_words "$WORK/psql")), and from there the data is kept beside itself as a way back; let the user $PGUSER connect to it."
    [[ $may == t ]] || fail "the user $PGUSER of PostgreSQL may not create databases, and the data is kept beside itself as a way back; give it the right: ALTER ROLE $(sql_identifier "$PGUSER") CREATEDB"
}

# pin_migrations IMAGE FROM TO: fails (returns 1) when the image does not know FROM.
pin_migrations() {
    docker run --rm --network none --entrypoint alembic "$1" history --rev-range "$2:$3" 2>"$WORK/alembic" |
        sed -nE 's/^[0-9a-z_]+ -> ([0-9a-z_]+)( \(head\))?, .*/\1/p' | jq -cRs --arg from "$2" 'split("\n") | map(select(. != "" and . != $from)) | reverse | if . == [] then error else . end'
}
