# shellcheck shell=bash
# shellcheck disable=SC2034 # scripts that source this use them
# Addresses on the lab's network: the first few are the lab's own, droplets follow, then the addresses that a cloud reserves.

subnet() { cat "$LAB/subnet"; }
bridge() { echo "lab-$(subnet | tr . -)"; }
registry_address() { echo "$(subnet).2"; }
sftp_address() { echo "$(subnet).3"; }
s3_address() { echo "$(subnet).4"; }
s3_endpoint() { echo "http://$(s3_address):$S3_PORT"; }
registry_store_address() { echo "$(subnet).5"; }
S3_PORT=7070
FIRST_DROPLET=10
LAST_DROPLET=199
# What the lab's cloud reserves; the engine's own follow.
FIRST_RESERVED=200
LAST_RESERVED=239

# firewall_rule: what lets droplets and the lab's own containers talk over the lab's bridge, one word a line.
firewall_rule() {
    printf '%s\n' FORWARD -i "$(bridge)" -o "$(bridge)" -m comment --comment "Specivo lab" -j ACCEPT
}

# container_runs NAME IMAGE: whether it runs, from this very image.
container_runs() {
    [[ $(docker container inspect --format '{{.State.Running}} {{.Image}}' "$1" 2>/dev/null) == \
        "true $(docker image inspect --format '{{.Id}}' "$2")" ]]
}

# accepts ADDRESS PORT: whether something listens there.
accepts() { (: <>"/dev/tcp/$1/$2") 2>/dev/null; }
