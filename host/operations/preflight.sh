help_preflight() {
    cat <<'TEXT'
Usage: specivo-host preflight < input.json

Checks on the server what the plan relies on, and records the transition as begun. Changes nothing of the instance.
Input: {"installDir": …, "imageRepository": …, "transition": {"id": "0.1.9-to-0.1.10#1", "instance": "…",
        "direction": "upgrade", "from": "0.1.9", "to": "0.1.10"}}
TEXT
}

operation_preflight() {
    run_step preflight
}

step_preflight() {
    local running revision last begun lines=() back
    running=$(version_of api)
    [[ $running == "$FROM" ]] ||
        fail "the plan was made for $FROM, but the api runs ${running:-nothing that tells its version}; run pulumi up again, so that it is planned anew."
    [[ -w $INSTALL_DIR/.env ]] ||
        fail "there is no .env in $INSTALL_DIR that can be written, and the version is pinned there; create one, an empty file will do: touch $INSTALL_DIR/.env"
    [[ $DIRECTION != upgrade ]] || preflight_services
    database_load || fail "the api's DATABASE_URL names no PostgreSQL database; check $INSTALL_DIR/.env."
    revision=$(schema_revision 2>"$WORK/psql") ||
        fail "the database $PGDATABASE on $PGHOST does not answer ($(last_words "$WORK/psql")); bring it up first: docker compose ps db"
    settings_keep
    preflight_space
    last=$(ledger_last)
    if [[ -n $last && $(jq -r .state <<<"$last") == begun ]]; then
        lines+=("$(ledger_transition "$(jq -r .id <<<"$last")" superseded '{by: $by}' --arg by "$TRANSITION")")
    fi
    if [[ -n $(ledger_last "$TRANSITION") ]]; then
        fail "the transition $TRANSITION has ended on this server; run pulumi up again, so that a new one is planned."
    fi
    back=$(preflight_way_back "$last" "$revision")
    begun=$(ledger_transition "$TRANSITION" begun \
        '{direction: $direction, from: $from, to: $to, instance: $instance, fromRevision: $revision, back: $back, envFiles: $envFiles}' \
        --arg direction "$DIRECTION" --arg from "$FROM" --arg to "$TO" --arg instance "$INSTANCE" \
        --arg revision "$revision" --argjson back "$back" \
        --argjson envFiles "$(jq -cn '$ARGS.positional' --args -- "${COMPOSE_ENV_FILES[@]}")")
    ledger_append "${lines[@]}" "$begun"
    STEP_RESULT=$(jq -c '{transition: .id, from, to, fromRevision}' <<<"$begun")
    say "$DIRECTION $FROM -> $TO begun as $TRANSITION (schema $revision)"
}

# api, db and redis have a health check; nginx, worker and beat only run. "All six healthy" does not exist.
preflight_services() {
    local service
    for service in api db redis; do
        [[ $service == api || -n $(container "$service") ]] || continue
        [[ $(health_of "$service") == healthy ]] ||
            fail "$service is $(state_of "$service") and $(health_of "$service"), and an instance that is not well is not upgraded; look at: docker compose logs $service"
    done
    for service in nginx celery-worker celery-beat; do
        [[ $(state_of "$service") == running ]] ||
            fail "$service is not running, and an instance that is not well is not upgraded; start it: docker compose up -d $service"
    done
    # What verify asks for in the end has to hold before, or it would take a good upgrade back.
    if ! within 15 health_body_good "$(door_url)" || ! redirects_to_sign_in "$(door_url)"; then
        fail "nginx at $(door_url) does not lead to a healthy Specivo (its health page, and a redirect from / to the sign-in page), and an instance that is not well is not upgraded; look at: docker compose logs nginx"
    fi
}

# The dump lies on the disk that production writes to, and a full disk stops PostgreSQL. It is compressed, so the size of the
# database is more than it needs.
preflight_space() {
    local needed free
    needed=$(sql 'SELECT pg_database_size(current_database())')
    free=$(df -B1 --output=avail "$STATE" | tail -n 1 | tr -d ' ')
    ((free > needed)) ||
        fail "the disk of $STATE has $((free / 1000000)) MB free and the dump of a database of $((needed / 1000000)) MB needs room; free some, for example with: docker image prune"
}

# Where a failure of this transition leads: what runs now. But when an earlier one was cut off in the middle of its cut-over,
# or could not put its way back in place, what runs now may be the very version that does not work; then its way back
# is ours, as long as the schema has not moved and its image is here. And it stays ours through attempts that change nothing.
preflight_way_back() {
    local last=$1 revision=$2 begun inherited
    begun=$(ledger_lines | jq -c --arg id "$(jq -r '.id // empty' <<<"${last:-null}")" \
        'select(.kind == "transition" and .id == $id and .state == "begun")' | tail -n 1)
    inherited=$(jq -c --arg from "$FROM" --arg revision "$revision" --arg state "$(jq -r '.state // empty' <<<"${last:-null}")" '
        select($state != "finished" and $state != "recovered" and .fromRevision == $revision)
        | select($from == .to or ($from == .from and .back.version != .from))
        | .back' <<<"$begun")
    if [[ -n $inherited && $(image_id "$(jq -r .image <<<"$inherited")") != "" ]]; then
        printf '%s' "$inherited"
    else
        jq -cn --arg version "$FROM" --arg image "$(image_id_of api)" '{version: $version, image: $image}'
    fi
}
