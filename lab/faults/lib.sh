# shellcheck shell=bash
# What the faults share: their names, and how their commands read their arguments.
# shellcheck source=../lib/network.sh
. "$LAB_SOURCE/lib/network.sh"
# shellcheck source=../lib/droplet.sh
. "$LAB_SOURCE/lib/droplet.sh"

# A droplet without power can't be talked to, so power comes back first.
fault_kinds() { echo power-loss network-cut network-slow network-lossy disk-full; }

fault_script() {
    [[ " $(fault_kinds) " == *" $1 "* ]] || die "\"$1\" is no fault of the lab; there are: $(fault_kinds)"
    echo "$LAB_SOURCE/faults/$1"
}

# fault_arguments ARGUMENT...: sets `name`, and `words` to what is no option.
fault_arguments() {
    name=lab words=()
    while (($#)); do
        if [[ $1 == --name && $# -ge 2 ]]; then
            name=$2
            shift 2
        elif [[ $1 == --* ]]; then
            die "$1: not an option here, or its value is missing; see: npm run lab -- --help"
        else
            words+=("$1")
            shift
        fi
    done
}

no_value() { [[ -z $1 ]] || die "this fault takes no value, and got \"$1\""; }

# Rules of the machine's firewall that concern one droplet, known by their comment. They are on the machine's side, so
# that a reboot of the droplet does not clear them, and in tables that are passed before any other rule.

# drop_packets NAME KIND MATCH...: drops what that droplet sends and gets, as far as it matches. ARP passes, so that
# nobody is told that the address is gone. `%` in a match stands for the direction.
drop_packets() {
    local name=$1 kind=$2 address
    address=$(droplet_address "$name")
    shift 2
    pass_packets "$name" "$kind"
    # What goes from one container of the lab to another is bridged, and not shown to these tables by itself.
    echo 1 >"/sys/class/net/$(bridge)/bridge/nf_call_iptables"
    iptables -w -t raw -A PREROUTING -s "$address" "${@//%/from}" -m comment --comment "Specivo lab $kind" -j DROP
    iptables -w -t mangle -A POSTROUTING -d "$address" "${@//%/to}" -m comment --comment "Specivo lab $kind" -j DROP
}

pass_packets() {
    local table chain rule
    for chain in raw:PREROUTING mangle:POSTROUTING; do
        table=${chain%:*} chain=${chain#*:}
        iptables -w -t "$table" -S "$chain" |
            { grep -F -- " $(droplet_address "$1")/32 " || true; } |
            { grep -F -- "\"Specivo lab $2\"" || true; } |
            while read -r rule; do
                xargs iptables -w -t "$table" <<<"-D ${rule#-A }"
            done
    done
}
