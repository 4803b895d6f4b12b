help_preflight() {
    cat <<'TEXT'
Usage: specivo-host preflight < input.json

Checks on the server what the plan relies on, and records the transition as begun. Changes nothing of the instance.
Input: {"installDir": …, "imageRepository": …, "transition": {"id": "0.1.9-to-0.1.10#1", "instance": "…",
        "direction": "upgrade", "from": "0.1.9", "to": "0.1.10", "restore": id of a backup or restore point, mostly none,
        "unless": "the database answers", where nothing has to be restored then, mostly none}}
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
    database_require
    # A rollback that restores needs no database that answers: it brings its own.
    revision=$(schema_revision 2>"$WORK/psql") || revision=
    if [[ -z $revision && -n $RESTORE ]] && server_comes; then revision=$(schema_revision 2>"$WORK/psql") || revision=; fi
    [[ -n $revision || -n $RESTORE ]] ||
        fail "the database $PGDATABASE on $PGHOST does not answer ($(last_words "$WORK/psql")); bring it up first: docker compose ps db"
    if [[ -n $revision && -n $(input .transition.unless) ]]; then
        fail "the plan is to put data back unless the database answers, and it does now; run pulumi up again, so that it is planned anew."
    fi
    [[ -z $RESTORE || -n $(restorable "$RESTORE") ]] ||
        fail "the ledger knows no backup or restore point '$RESTORE'; see specivo-host backups."
    settings_keep
    boot_unit_install
    last=$(ledger_last)
    [[ -z $last ]] || image_distrust "$last"
    if [[ -n $last && $(jq -r .state <<<"$last") == begun ]]; then
        pin_alone_end "$(jq -r .id <<<"$last")"
        lines+=("$(ledger_transition "$(jq -r .id <<<"$last")" superseded '{by: $by}' --arg by "$TRANSITION")")
    fi
    if [[ -n $(ledger_last "$TRANSITION") ]]; then
        fail "the transition $TRANSITION has ended on this server; run pulumi up again, so that a new one is planned."
    fi
    SMOKE=null
    [[ $DIRECTION != upgrade ]] || ! smoke_wanted || smoke_test ||
        fail "the smoke test fails already on $FROM: $SMOKE_PROBLEM; correct that, or smokeUser and smokePassword, then run pulumi up again."
    back=$(preflight_way_back "$last" "$revision")
    if [[ -n $revision ]] || server_answers; then restore_points_prune; fi
    [[ $DIRECTION != adopt ]] || preflight_keep_image
    begun=$(ledger_transition "$TRANSITION" begun \
        '{direction: $direction, from: $from, to: $to, instance: $instance, fromRevision: (if $revision == "" then null else $revision end), restore: (if $restore == "" then null else $restore end), unless: (if $unless == "" then null else $unless end), digest: (if $digest == "" then null else $digest end), back: $back, envFiles: $envFiles}' \
        --arg direction "$DIRECTION" --arg from "$FROM" --arg to "$TO" --arg instance "$INSTANCE" \
        --arg revision "$revision" --arg restore "$RESTORE" --arg unless "$(input .transition.unless)" --arg digest "$(input .transition.digest)" --argjson back "$back" \
        --argjson envFiles "$(jq -cn '$ARGS.positional' --args -- "${COMPOSE_ENV_FILES[@]}")")
    ledger_append "${lines[@]}" "$begun"
    STEP_RESULT=$(jq -c --argjson smoke "$SMOKE" '{transition: .id, from, to, fromRevision, smoke: $smoke}' <<<"$begun")
    say "$DIRECTION $FROM -> $TO begun as $TRANSITION (schema ${revision:-not to be read})"
}

# An instance that is taken over keeps the very image it runs, also when it was started from a tag that has moved since, as `latest`
# does: under the name of its version it is found here, and not pulled.
preflight_keep_image() {
    local id
    id=$(image_id_of api)
    [[ $(image_id "$REPOSITORY:$TO") == "$id" ]] || docker tag "$id" "$REPOSITORY:$TO"
}

# Once, a unit that runs at every boot: containers that had only been made, or that a cut-over had stopped, don't come back by
# themselves, so what a loss of power interrupted is settled before anybody looks. Whatever can't be settled is tried again.
boot_unit_install() {
    local unit=/etc/systemd/system/specivo-upgrade-settle.service
    cat >"$WORK/unit" <<UNIT
[Unit]
Description=Settles what an interrupted Specivo upgrade left
After=docker.service
Wants=docker.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/bin/bash $(realpath -s "$0") settle
TimeoutStartSec=1h
Restart=on-failure
RestartSec=60

[Install]
WantedBy=multi-user.target
UNIT
    cmp -s "$WORK/unit" "$unit" && return
    install -m 644 "$WORK/unit" "$unit"
    # Reads the units anew, too.
    systemctl enable --quiet specivo-upgrade-settle.service
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
    # So does the rollout, for the new api.
    within 15 health_body_good "$(api_url)" ||
        fail "the api does not answer at its own address, $(api_url), which its update is followed by; put it on a network of the project that this server reaches by IPv4."
    # What verify asks for in the end has to hold before, or it would take a good upgrade back.
    if ! within 15 health_body_good "$(door_url)" || ! redirects_to_sign_in "$(door_url)"; then
        fail "nginx at $(door_url) does not lead to a healthy Specivo (its health page, and a redirect from / to the sign-in page), and an instance that is not well is not upgraded; look at: docker compose logs nginx"
    fi
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
