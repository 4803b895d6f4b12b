# shellcheck shell=bash
# Programs of the lab that are built from Go modules, pinned by their checksums.

# go_program NAME FOLDER PACKAGE WHAT: builds that package of the module in that folder when it isn't there, and prints the
# path of the program. They run in containers without this machine's C library. WHAT names it to people.
go_program() {
    local program
    program=$SPECIVO_CACHE/bin/$1-$(hash_of "$2")
    if [[ ! -x $program ]]; then locked "$1" stage "$4 (a Go module)" build_go_program "$program" "${@:2}"; fi
    echo "$program"
}

build_go_program() {
    local program=$1 module=$2 package=$3
    if [[ -x $program ]]; then return; fi
    require_go "$module" "building the lab's $4"
    mkdir -p "$(dirname "$program")"
    CGO_ENABLED=0 go -C "$module" build -mod=readonly -trimpath -ldflags='-s -w' -o "$program.partial" "$package"
    mv "$program.partial" "$program"
}
