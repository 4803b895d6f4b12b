# shellcheck shell=bash
# A droplet by its name: where its things lie, how it is reached, whether it runs.

valid_name() {
    [[ $1 =~ ^[a-z][a-z0-9-]{0,30}$ ]] ||
        die "\"$1\" is no name for a droplet; use lower-case letters, digits and -, a letter first"
}

droplet_dir() { echo "$LAB_DROPLETS/$1"; }
droplet_container() { echo "specivo-lab-$1"; }
droplet_bucket() { echo "specivo-$1"; }
droplet_address() { cat "$LAB_DROPLETS/$1/address"; }

# droplet_state NAME: absent, or the state that the engine gives for it (running, exited, ...).
droplet_state() { container_state "$(droplet_container "$1")"; }
container_state() { docker container inspect --format '{{.State.Status}}' "$1" 2>/dev/null || echo absent; }

# remove_container NAME: one that isn't there is no failure.
remove_container() {
    local refusal
    if ! refusal=$(docker rm --force "$1" 2>&1 >/dev/null) && [[ $refusal != *"No such container"* ]]; then
        die "container $1 can't be removed: $refusal"
    fi
}

# droplet_names: every droplet there is, one a line.
droplet_names() {
    local file
    for file in "$LAB_DROPLETS"/*/disk.img; do
        if [[ -e $file ]]; then basename "$(dirname "$file")"; fi
    done
}

require_running() {
    valid_name "$1"
    [[ $(droplet_state "$1") == running ]] || die "no droplet $1 runs; start it with: npm run lab -- up --name $1"
    "$LAB_SOURCE/droplet/agent"
}

# droplet_ssh NAME [COMMAND...]: as root, with the lab's own key and known hosts, whatever the user's ssh is set up for.
droplet_ssh() {
    local name=$1
    shift
    SSH_AUTH_SOCK=$LAB_RUN/agent.sock ssh -F none -o UserKnownHostsFile="$LAB_DROPLETS/$name/known_hosts" \
        -o GlobalKnownHostsFile=none -o StrictHostKeyChecking=yes -o BatchMode=yes -o ConnectTimeout=2 \
        -o LogLevel=ERROR "root@$(droplet_address "$name")" "$@"
}
