# shellcheck shell=bash
# What a droplet with Specivo can be asked for: its form, its data, the size of its disk. Sourced by commands.

check_form() {
    [[ $1 =~ ^[a-z-]+$ && -e $LAB_SOURCE/instance/forms/$1.sh ]] ||
        die "\"$1\" is no form of host; give one of: $(basename -s .sh -a "$LAB_SOURCE"/instance/forms/*.sh | paste -sd ' ')"
}

whole_number() { [[ $1 =~ ^[0-9]{1,7}$ ]] && echo "$((10#$1))"; }

# megabytes SIZE: a size like 50M or 2G as a number of megabytes; fails for anything else.
megabytes() {
    [[ $1 =~ ^[0-9]{1,5}[MmGg]$ ]] || return
    case $1 in
        *[Mm]) echo "$((10#${1%?}))" ;;
        *) echo "$((10#${1%?} * 1024))" ;;
    esac
}

# data_options DATA: what `install` is told for it, on one line, the same for the same content.
data_options() {
    local few='' issues=0 attachments=0 model=20 part parts
    case $1 in
        small) ;;
        how-to) few=--few model=400 ;;
        large) issues=200000 attachments=2048 model=400 ;;
        *)
            IFS=, read -ra parts <<<"$1"
            ((${#parts[@]})) || no_such_data "$1"
            for part in "${parts[@]}"; do
                case $part in
                    issues=*) issues=$(whole_number "${part#*=}") || no_such_data "$1" ;;
                    attachments=*) attachments=$(megabytes "${part#*=}") || no_such_data "$1" ;;
                    model=*) model=$(megabytes "${part#*=}") || no_such_data "$1" ;;
                    *) no_such_data "$1" ;;
                esac
            done
            ;;
    esac
    echo "${few:+$few }--issues $issues --attachments $attachments --model $model"
}

no_such_data() {
    die "\"$1\" is no amount of data; give small, how-to, large, or parts like issues=2000,attachments=50M,model=20M"
}

# disk_for DATA: gigabytes of the disk on which it is made: as large as a small server's, or twice what there is to hold.
disk_for() {
    local options issues attachments
    options=$(data_options "$1") || return
    [[ $options =~ --issues\ ([0-9]+)\ --attachments\ ([0-9]+) ]]
    issues=${BASH_REMATCH[1]} attachments=${BASH_REMATCH[2]}
    echo $((8 + issues / 25000 + attachments * 4 / 1024))
}
