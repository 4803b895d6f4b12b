# shellcheck shell=bash
# The cloud's firewall of one droplet: rules on this machine, which every packet to and from it passes, whether it comes from
# here or from beside it, and of which the droplet sees nothing.

# firewall_chain NAME in|out: after the droplet's address, as no two have the same.
firewall_chain() { printf 'lab-%s-%s' "$(droplet_address "$1" | cut -d . -f 3- | tr . -)" "$2"; }

# firewall_jumps: what leads packets of this machine into a droplet's rules, as arguments after the action. In tables that
# are passed before any other rule.
firewall_jumps() {
    local address chain
    for address in $(droplet_address "$1") $(attached_addresses "$1"); do
        chain=$(firewall_chain "$1" in)
        echo "POSTROUTING -d $address/32 -j $chain"
    done
    echo "PREROUTING -s $(droplet_address "$1")/32 -j $(firewall_chain "$1" out)"
}

# attached_addresses NAME: its reserved addresses, one a line.
attached_addresses() { awk '$1 == "address" { print $2 }' "$(droplet_dir "$1")/attached" 2>/dev/null || true; }

# present_jumps NAME: those that are there.
present_jumps() {
    iptables -w -t mangle -S | { grep -E -- "-j ($(firewall_chain "$1" in)|$(firewall_chain "$1" out))\$" || true; } |
        cut -d ' ' -f 2-
}

# remove_jumps: each of stdin.
remove_jumps() {
    local jump
    while read -r jump; do
        # shellcheck disable=SC2086 # one word each
        iptables -w -t mangle -D $jump
    done
}

# remove_firewall NAME: every rule that leads to its chains, and these.
remove_firewall() {
    local way chain
    present_jumps "$1" | remove_jumps
    for way in in out; do
        chain=$(firewall_chain "$1" "$way")
        iptables -w -t mangle -F "$chain" 2>/dev/null && iptables -w -t mangle -X "$chain"
    done
    return 0
}

# firewall_rules WAY RULES: the rules of a chain as iptables-restore reads them. RULES is JSON: a list with protocol, ports
# and peers, of which each gives an address range. Answers pass, and all that no rule names is dropped.
firewall_rules() {
    jq --raw-output --arg chain "$1" --arg side "$2" '
        "-A \($chain) -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN",
        (.[] | . as $rule | .peers[] | select(contains(":") | not) |
            "-A \($chain) \($side) \(.) -p \($rule.protocol)"
            + (if $rule.protocol == "icmp" or $rule.ports == "0" or $rule.ports == "all" then ""
               else " -m \($rule.protocol) --dport \($rule.ports | sub("-"; ":"))" end)
            + " -j RETURN"),
        "-A \($chain) -j DROP"'
}

# set_firewall NAME FIREWALL: in one step. FIREWALL is JSON with inbound and outbound, or null for none.
set_firewall() {
    local name=$1 firewall=$2 into out jump
    if [[ $firewall == null ]]; then
        remove_firewall "$name"
        return
    fi
    # What goes from one container of the lab to another is bridged, and not shown to these tables by itself.
    echo 1 >"/sys/class/net/$(bridge)/bridge/nf_call_iptables"
    into=$(firewall_chain "$name" in) out=$(firewall_chain "$name" out)
    {
        printf '*mangle\n:%s - [0:0]\n:%s - [0:0]\n' "$into" "$out"
        jq .inbound <<<"$firewall" | firewall_rules "$into" -s
        jq .outbound <<<"$firewall" | firewall_rules "$out" -d
        echo COMMIT
    } | iptables-restore -w --noflush
    firewall_jumps "$name" | while read -r jump; do
        # shellcheck disable=SC2086 # one word each
        iptables -w -t mangle -C $jump 2>/dev/null || iptables -w -t mangle -A $jump
    done
    # An address that is another droplet's by now.
    present_jumps "$name" | { grep -vxF "$(firewall_jumps "$name")" || true; } | remove_jumps
}
