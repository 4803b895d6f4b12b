# What a droplet runs once, as root, when it boots for the first time: its user data, after a line for each of these.
#   SPECIVO_HOST_KEY   private key, base64, that the server shows until its own are known
#   SPECIVO_VOLUME     name of the volume for the data; empty for none
#   SPECIVO_MOUNT      where that is mounted
# shellcheck shell=bash

set -euo pipefail

STATE=/var/lib/specivo-first-boot
HOST_KEY=/etc/ssh/ssh_host_ecdsa_key

# show_known_key: of its keys the ECDSA key becomes the one that whoever made this server knows already, so that the first
# connection is verified. It has been in the user data, which every process here can ask the cloud for, so it stays only until
# the others have been read over that connection: see first-boot-end.sh.
show_known_key() {
    (umask 077 && base64 -d <<<"$SPECIVO_HOST_KEY" >"$HOST_KEY.new")
    ssh-keygen -y -f "$HOST_KEY.new" >"$HOST_KEY.pub"
    cp "$HOST_KEY.pub" "$STATE/known-key.pub"
    mv "$HOST_KEY.new" "$HOST_KEY"
    ssh-keygen -A >/dev/null
    systemctl restart ssh
}

# The file system on it is older than this server when the one before was lost, so nothing here makes one.
mount_volume() {
    local device=/dev/disk/by-id/scsi-0DO_Volume_$SPECIVO_VOLUME tries=120
    until [[ -b $device ]]; do
        ((tries-- > 0)) || {
            echo "the volume $SPECIVO_VOLUME is not attached"
            return 1
        }
        sleep 0.5
    done
    mkdir -p "$SPECIVO_MOUNT"
    # Without it Docker would start the containers on the root disk, where PostgreSQL would begin with an empty database.
    echo "$device $SPECIVO_MOUNT ext4 defaults,nofail,discard,noatime,x-systemd.before=docker.service,x-systemd.required-by=docker.service 0 2" >>/etc/fstab
    mount "$SPECIVO_MOUNT"
}

# Packages of the distribution, which its own security updates reach.
install_tools() {
    local missing=()
    command -v docker >/dev/null || missing+=(docker.io)
    docker compose version >/dev/null 2>&1 || missing+=(docker-compose-v2)
    command -v restic >/dev/null || missing+=(restic)
    command -v jq >/dev/null || missing+=(jq)
    command -v curl >/dev/null || missing+=(curl)
    if ((${#missing[@]} == 0)); then return; fi
    export DEBIAN_FRONTEND=noninteractive
    # A fresh server is often updating itself.
    apt-get -qq -o DPkg::Lock::Timeout=600 update
    apt-get -qq -o DPkg::Lock::Timeout=600 install --yes "${missing[@]}"
}

# However it ends, whoever waits is told.
ended() { echo "$?" >"$STATE/ended"; }

mkdir -p "$STATE"
trap ended EXIT
show_known_key
if [[ -n $SPECIVO_VOLUME ]]; then mount_volume; fi
install_tools
