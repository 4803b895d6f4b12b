# shellcheck shell=bash
# Options of the lab's commands. Each command names those it takes; all end up as variables of the same name.

# parse_options "NAMES" ARGUMENT...: sets option_NAME for each; what follows -- goes to the array `rest`.
parse_options() {
    local known=" $1 " given
    rest=()
    shift
    while (($#)); do
        given=${1#--}
        if [[ $1 == -- ]]; then
            rest=("${@:2}")
            return
        elif [[ $1 == --* && $known == *" $given! "* ]]; then
            printf -v "option_$given" %s yes
            shift
        elif [[ $1 == --* && $known == *" $given "* && $# -ge 2 ]]; then
            printf -v "option_$given" %s "$2"
            shift 2
        else
            die "$1: not an option here, or its value is missing; see: npm run lab -- --help"
        fi
    done
}
