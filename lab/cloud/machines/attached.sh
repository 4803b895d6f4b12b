# shellcheck shell=bash
# What a cloud has attached to a droplet, as the file `attached` in the droplet's folder has it: lines `address ADDRESS` and
# `volume LINK DEVICE FILE`.
# shellcheck source=firewall.sh
. "$LAB_SOURCE/cloud/machines/firewall.sh"

attached_file() { echo "$(droplet_dir "$1")/attached"; }

# let_go NAME: takes away what is outside of a droplet for its sake, and would concern the next one at its address.
let_go() {
    local kind device
    if [[ -s $(droplet_dir "$1")/address && -e $(attached_file "$1") ]]; then remove_firewall "$1"; fi
    { cat "$(attached_file "$1")" 2>/dev/null || true; } | while read -r kind _ device _; do
        if [[ $kind == volume ]]; then losetup --detach "$device" 2>/dev/null || true; fi
    done
}
