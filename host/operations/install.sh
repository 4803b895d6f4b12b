help_install() {
    cat <<'TEXT'
Usage: specivo-host install < input.json

Makes a Specivo in an empty directory: Compose file, nginx configuration, .env with secrets of its own (mode 600), and an
administrator whose password is in DIRECTORY/.admin-password, readable by root alone. Pulls the images and starts everything. Called
again after it was interrupted it goes on; a Specivo that has no containers, as on a volume that comes from another server, is
started as it is; where one has, nothing is changed. With "restore" it is no new one: a backup's settings, data and ledger come back.
Input: {"installDir": "/opt/specivo", "imageRepository": "specivo/specivo", "version": "0.1.10", "digest": "sha256:…" or "", "archive":
        image archive on this server or "", "port": 9933, "admin": {"login": "admin", "email": "…"}, "files": {name: text}, "restore": none, or as for offsite,
        and "from": "latest" or the beginning of a backup's id}
Result: {"instance": "…"}
TEXT
}

operation_install() {
    [[ $(id -u) == 0 ]] || fail "it needs root's rights; run it with sudo."
    tools_require
    instance_paths
    # What makes it an instance, whose job the rest is.
    if [[ -z ${JOB:-} ]] && { [[ -e $INSTALL_DIR/.installing ]] || ! instance_load; }; then
        install_files
    fi
    instance_require
    if [[ -n $(input .restore.repository) ]]; then
        offsite_store "$(input .restore)"
        # A job keeps its input.
        INPUT=$(jq -c '.restore |= {from}' <<<"$INPUT")
    fi
    if [[ -e $INSTALL_DIR/.installing || -z $(container api) ]]; then
        in_job install_run
    else
        say "there is a Specivo in $INSTALL_DIR already; nothing was changed."
        install_result
    fi
}

install_result() {
    result "$(jq -cn --arg instance "$INSTANCE" '{instance: $instance}')"
}

# What is there stays, so that secrets are made once. The Compose file comes last: with it, there is an instance.
install_files() {
    local others
    if [[ -d $INSTALL_DIR && ! -e $INSTALL_DIR/.installing ]]; then
        # A volume's file system has that.
        others=$(find "$INSTALL_DIR" -mindepth 1 -maxdepth 1 ! -name lost+found -printf '%f ' -quit)
        [[ -z $others ]] || fail "$INSTALL_DIR holds no Compose file, and is not empty either ($others…): name another installDir, or empty it."
    fi
    if [[ -n $(input .restore.from) ]]; then
        (lost_settings)
        return
    fi
    mkdir -p "$INSTALL_DIR/nginx" "$INSTALL_DIR/specivo-data"
    install_file .installing 600 <<<"$(now)"
    install_file .admin-password 600 <<<"$(install_secret 15)"
    install_env | install_file .env 600
    install_administrator | install_file specivo-data/.bootstrap.json 600
    input '.files["nginx/default.conf"]' | install_file nginx/default.conf 644
    input '.files["docker-compose.yml"]' | install_file docker-compose.yml 644
    sync
}

# install_file NAME MODE: from stdin, whole or not at all; one that is there stays.
install_file() {
    local file=$INSTALL_DIR/$1
    (umask 077 && cat >"$file.new")
    if [[ -e $file ]]; then
        rm -f "$file.new"
    else
        chmod "$2" "$file.new"
        mv -f "$file.new" "$file"
    fi
}

# install_secret BYTES: random, in hexadecimal
install_secret() {
    head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'
}

install_env() {
    local password
    password=$(install_secret 24)
    cat <<ENV
COMPOSE_PROJECT_NAME=specivo
SPECIVO_VERSION=$(input .version)
SPECIVO_PORT=$(input .port)
SPECIVO_DATA_DIR=./specivo-data

# Made for this instance alone.
SECRET_KEY=$(install_secret 64)
POSTGRES_DB=specivo
POSTGRES_USER=specivo
POSTGRES_PASSWORD=$password
DATABASE_URL=postgresql+asyncpg://specivo:$password@db:5432/specivo
REDIS_URL=redis://redis:6379/0

# Whoever may have an account is invited; "open" lets anybody register.
REGISTRATION_MODE=invite_only
ENV
}

# The image's entry point takes the account from there, and removes the file.
install_administrator() {
    jq -c --rawfile password "$INSTALL_DIR/.admin-password" '{login: .admin.login, email: .admin.email, password: ($password | rtrimstr("\n"))}' <<<"$INPUT"
}

install_run() {
    local API_LIMIT=900 lost=''
    lock_take
    if [[ -e $INSTALL_DIR/.installing ]]; then
        install_forget
        [[ -z $(input .restore.from) ]] || lost=$(<"$INSTALL_DIR/.installing")
    fi
    [[ -z $lost ]] || lost_begin "$lost"
    install_images
    [[ -z $lost ]] || lost_data
    say "starting PostgreSQL, Redis, api, worker, beat and nginx"
    # Compose gives the api 80 s, which may be too short for a first start.
    if ! compose up -d --no-build --pull never >"$WORK/compose" 2>&1; then
        api_wait || fail "Specivo $(input .version) does not start ($(last_words "$WORK/compose" 3); $(api_log_tail)); what is in $INSTALL_DIR stays for the next pulumi up."
        compose up -d --no-build --pull never >"$WORK/compose" 2>&1 ||
            fail "not every service of Specivo can be started ($(last_words "$WORK/compose" 3)); what is in $INSTALL_DIR stays for the next pulumi up."
    fi
    within 60 health_body_good "$(door_url)" || fail "nginx at $(door_url) does not lead to a healthy Specivo; look at: docker compose logs nginx"
    [[ ! -e $(data_directory)/.bootstrap.json ]] || fail "the administrator was not created; look at: docker compose logs api"
    sync
    rm -f "$INSTALL_DIR/.installing" "$STATE/installing"
    if [[ -n $(input .restore.from) ]]; then
        say "Specivo $(version_of api) runs in $INSTALL_DIR again"
    else
        say "Specivo $(version_of api) runs in $INSTALL_DIR; the password of $(input .admin.login) is in $INSTALL_DIR/.admin-password"
    fi
    install_result
}

# What is known here of an instance that was in this directory before is not of this one.
install_forget() {
    [[ ! -e $STATE/installing ]] || return 0
    [[ ! -e $STATE/ledger.jsonl ]] || mv "$STATE/ledger.jsonl" "$STATE/ledger-until-$(date -u +%Y%m%dT%H%M%S).jsonl"
    touch "$STATE/installing"
    sync "$STATE"
}

install_images() {
    local image
    image=$(configured_images)
    [[ -z $(input .archive) || -n $(image_id "$image") ]] || image_load "$(input .archive)" "$image"
    say "pulling $image and the images of PostgreSQL, Redis and nginx"
    compose pull --quiet --policy missing >"$WORK/pull" 2>&1 || fail "the images can't be pulled ($(last_words "$WORK/pull" 3)); run pulumi up again when the registry answers."
    # Of another version than the one that was planned, preview has shown nothing.
    [[ $image != "$REPOSITORY:$(input .version)" ]] || image_digest_require "$image" "$(input .digest)"
}
