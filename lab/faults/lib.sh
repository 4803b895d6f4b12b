# shellcheck shell=bash
# What the faults share: their names, how they are run, and how their commands read their arguments.
# shellcheck source=../lib/network.sh
. "$LAB_SOURCE/lib/network.sh"
# shellcheck source=../lib/droplet.sh
. "$LAB_SOURCE/lib/droplet.sh"

# In the order in which they are mended: a droplet without power can't be talked to, so power comes back first.
fault_kinds() {
    echo power-loss network-cut network-slow network-lossy disk-full clock-jump \
        registry-gone registry-limited registry-broken registry-slow registry-cuts
}

# run_fault make|mend NAME KIND [VALUE]: one fault. The droplet's folder remembers which ones it has.
run_fault() {
    local action=$1 name=$2 kind=$3 marks
    [[ " $(fault_kinds) " == *" $kind "* ]] || die "\"$kind\" is no fault of the lab; there are: $(fault_kinds)"
    marks=$(droplet_dir "$name")/faults
    if [[ $action == make ]]; then
        mkdir -p "$marks"
        touch "$marks/$kind"
    fi
    case $kind in
        registry-*) "$LAB_SOURCE/faults/registry" "$action" "$name" "$kind" "${@:4}" ;;
        *) "$LAB_SOURCE/faults/$kind" "$action" "$name" "${@:4}" ;;
    esac
    if [[ $action == mend ]]; then rm -f "$marks/$kind"; fi
}

# faults_of NAME: the faults that it has, one a line, in the order to mend them in.
faults_of() {
    local kind
    for kind in $(fault_kinds); do
        if [[ -e $(droplet_dir "$1")/faults/$kind ]]; then echo "$kind"; fi
    done
}

# mend_outside NAME: takes away what lies outside of the droplet, and would be there for the next one at its address.
mend_outside() {
    local kind
    for kind in $(faults_of "$1"); do
        case $kind in network-* | registry-*) run_fault mend "$1" "$kind" ;; esac
    done
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
