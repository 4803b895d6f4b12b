# Waits for the end of a droplet's first boot, and then takes the key away that the user data had brought: by now its own keys
# are known. Comes on stdin, over a connection that was verified by one of those. Can run again.
# shellcheck shell=bash

set -euo pipefail

STATE=/var/lib/specivo-first-boot
HOST_KEY=/etc/ssh/ssh_host_ecdsa_key

for ((tries = 1800; tries > 0; tries--)); do
    if [[ -s $STATE/ended ]]; then break; fi
    sleep 0.5
done
if [[ ! -s $STATE/ended ]]; then
    echo "The first boot has not ended after 15 minutes; see /var/log/cloud-init-output.log on the server." >&2
    exit 1
fi
if [[ $(<"$STATE/ended") != 0 ]]; then
    echo "The first boot failed; see /var/log/cloud-init-output.log on the server, which ends with:" >&2
    tail -n 10 /var/log/cloud-init-output.log >&2
    exit 1
fi
if cmp -s "$HOST_KEY.pub" "$STATE/known-key.pub"; then
    rm -f "$HOST_KEY.new" "$HOST_KEY.new.pub"
    ssh-keygen -q -t ecdsa -N '' -f "$HOST_KEY.new"
    mv "$HOST_KEY.new.pub" "$HOST_KEY.pub"
    mv "$HOST_KEY.new" "$HOST_KEY"
    systemctl reload ssh
fi
# Tells the machine from every other one, as the operations do.
sha256sum </etc/machine-id | cut -c1-12
