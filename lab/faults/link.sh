# shellcheck shell=bash
# The two ends of a droplet's link to the lab's network. A droplet that reboots gets a new one: what was done to the link
# is over then.

# link_of NAME: sets `inside`, the command prefix that enters the droplet's network, where its end is eth0, and `port`, the
# name of the other end on this machine. Fails when the droplet doesn't run.
link_of() {
    local pid index
    pid=$(docker container inspect --format '{{.State.Pid}}' "$(droplet_container "$1")" 2>/dev/null) || return
    ((pid > 0)) || return
    inside=(nsenter --target "$pid" --net)
    index=$("${inside[@]}" ip -oneline link show eth0 | sed -n 's/.*@if\([0-9]*\):.*/\1/p')
    port=$(ip -oneline link | sed -n "s/^$index: \([^@:]*\).*/\1/p")
    [[ -n $port ]]
}
