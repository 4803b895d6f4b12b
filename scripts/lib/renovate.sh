# Renovate as test/renovate pins it. Far too large to come with every `npm ci`. Sourced, never run.
# shellcheck shell=bash

setup_renovate() {
    local source="$ROOT/test/renovate" folder
    folder="$SPECIVO_CACHE/renovate-$(hash_of "$source/package.json" "$source/package-lock.json")"
    [ -d "$folder" ] || locked renovate install_renovate "$source" "$folder"
    printf '%s\n' "$folder"
}

# Its own Node comes as a package too, for this machine's processor: `--force`, as npm's is older than Renovate asks for.
install_renovate() {
    [ ! -d "$2" ] || return 0
    say "installing Renovate (once, some minutes)"
    rm -rf "$2.part"
    mkdir -p "$2.part"
    cp "$ROOT/.npmrc" "$1/package.json" "$1/package-lock.json" "$2.part"
    (cd "$2.part" && npm ci --force --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    mv "$2.part" "$2"
}
