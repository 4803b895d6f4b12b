# The linter of the workflows: a user's own on PATH, else built from its Go module, pinned by its checksums. Sourced, never run.
# shellcheck shell=bash

ACTIONLINT_MODULE="$ROOT/scripts/lib/actionlint"

# actionlint_program: the path of the one to use.
actionlint_program() {
    command -v actionlint ||
        printf '%s/bin/actionlint-%s\n' "$SPECIVO_CACHE" "$(hash_of "$ACTIONLINT_MODULE/go.mod" "$ACTIONLINT_MODULE/go.sum")"
}

setup_actionlint() {
    [ -x "$(actionlint_program)" ] || locked actionlint build_actionlint "$(actionlint_program)"
}

build_actionlint() {
    [ ! -x "$1" ] || return 0
    require_go "$ACTIONLINT_MODULE" "There is no actionlint on PATH, and building it"
    say "building actionlint from its Go module (once, some seconds)"
    mkdir -p "$(dirname "$1")"
    go -C "$ACTIONLINT_MODULE" build -mod=readonly -trimpath -ldflags='-s -w' -o "$1.part" github.com/rhysd/actionlint/cmd/actionlint
    mv "$1.part" "$1"
}
