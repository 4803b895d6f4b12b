# shellcheck shell=bash
# What the faults share: their names, and how their commands read their arguments.
# shellcheck source=../lib/network.sh
. "$LAB_SOURCE/lib/network.sh"
# shellcheck source=../lib/droplet.sh
. "$LAB_SOURCE/lib/droplet.sh"

# A droplet without power can't be talked to, so power comes back first.
fault_kinds() { echo power-loss network-cut disk-full; }

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
