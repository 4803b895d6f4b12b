# shellcheck shell=bash
# A cloud by its name: an account of its own, with a server that runs as long as the lab does.

cloud_dir() { echo "$LAB/clouds/$1"; }
cloud_run() { echo "$LAB_RUN/clouds/$1"; }

cloud_names() {
    local file
    for file in "$LAB"/clouds/*/token; do
        if [[ -e $file ]]; then basename "$(dirname "$file")"; fi
    done
}

# cloud_serves NAME: whether its server runs, and from the present source.
cloud_serves() {
    alive "$(cloud_run "$1")/node.pid" && [[ $(cat "$(cloud_run "$1")/source" 2>/dev/null) == $(hash_of "$LAB_SOURCE/cloud") ]]
}

start_cloud() {
    local name=$1 dir run
    dir=$(cloud_dir "$name") run=$(cloud_run "$name")
    if cloud_serves "$name"; then return; fi
    stop_cloud "$name"
    # The server is TypeScript, and needs the packages of this clone.
    if [[ ! -d $ROOT/node_modules/ts-node ]]; then "$ROOT/scripts/setup" engine; fi
    mkdir -p "$dir" "$run"
    chmod 700 "$dir"
    if [[ ! -s $dir/token ]]; then
        (umask 077 && printf 'dop_v1_%s\n' "$(head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n')" >"$dir/token")
    fi
    rm -f "$run/ready"
    SPECIVO_CLOUD_READY=$run/ready SPECIVO_CLOUD_S3=$(s3_endpoint) SPECIVO_CLOUD_S3_KEYS=$LAB/targets/keys \
        detached nohup node --require "$ROOT/node_modules/ts-node/register" \
        "$LAB_SOURCE/cloud/main.ts" "$dir" </dev/null >>"$dir/log" 2>&1 &
    echo $! >"$run/node.pid"
    until_true 30 test -e "$run/ready" || die "the cloud $name does not serve; see $dir/log"
    hash_of "$LAB_SOURCE/cloud" >"$run/source"
}

stop_cloud() { end "$(cloud_run "$1")/node.pid" 10; }

# remove_spaces_keys NAME: what the cloud issued opens the S3 server no longer.
remove_spaces_keys() {
    local account keys=$LAB/targets/keys key
    account=$(cloud_dir "$1")/account.json
    if [[ ! -e $account ]]; then return; fi
    for key in $(jq -r '.spacesKeys[].accessKey' "$account"); do
        ADMIN_ACCESS_KEY_ID=$(<"$keys/s3-access-key-id") ADMIN_SECRET_ACCESS_KEY=$(<"$keys/s3-secret-access-key") \
            "$("$LAB_SOURCE/targets/build")" admin --endpoint-url "$(s3_endpoint)" delete-user --access "$key" >/dev/null ||
            say "the S3 server still knows the key $key"
    done
}

# remove_cloud NAME: with its droplets, volumes and addresses.
remove_cloud() {
    local droplet
    stop_cloud "$1"
    remove_spaces_keys "$1"
    for droplet in $(droplet_names); do
        if [[ $droplet =~ ^$1-[0-9]+$ ]]; then
            "$LAB_SOURCE/cloud/machines/remove" "$droplet"
        fi
    done
    rm -rf "$(cloud_dir "$1")" "$(cloud_run "$1")"
}
