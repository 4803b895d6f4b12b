# Which Pulumi CLI and which provider plugins are used, and how they are had. Sourced, never run.
#
# The ordinary ways come first: what is on the user's own PATH, then Pulumi's own downloads. Only where neither can be
# had is the CLI built from Go modules, and are stand-ins used for the plugins.
# shellcheck shell=bash

# Seconds without a byte after which a vendor's site counts as out of reach.
ENGINE_PATIENCE="${ENGINE_PATIENCE:-6}"
# Minutes for which a site that was out of reach is not asked again.
ENGINE_RETRY_AFTER="${ENGINE_RETRY_AFTER:-720}"

CLI_MAJOR=3
# Provider plugins that the program uses, and that there are stand-ins of.
PLUGINS=(command docker digitalocean)

# hash_of FILE...: twelve characters that change with the content of any of the files.
hash_of() {
    cat "$@" | sha256sum | cut -c1-12
}

# locked NAME COMMAND...: one at a time over all clones of this user; whoever comes second waits, and says so. What the
# command starts inherits the lock: after an interruption it is free when the last of it, npm's clean-up say, has ended.
locked() {
    local name="$1" file
    shift
    mkdir -p "$SPECIVO_CACHE/locks"
    file="$SPECIVO_CACHE/locks/$name"
    (
        if ! flock -n 9; then
            say "waiting for another setup of $name to end"
            flock 9
        fi
        "$@"
    ) 9>"$file"
}

# while_bytes_arrive SECONDS FOLDER COMMAND...: runs a download into the folder, and gives up when nothing has come for so
# long. Progress is seen by the size of the folder and of the command's temporary files. Fails as the command does.
while_bytes_arrive() {
    local patience="$1" folder="$2" temporary pid size last=-1 quiet=0 status=0
    shift 2
    temporary="$(mktemp -d)"
    mkdir -p "$folder"
    # In a session of its own, so that what it starts can be ended with it.
    TMPDIR="$temporary" setsid "$@" &
    pid=$!
    trap 'kill -- "-$pid" 2>/dev/null; exit 130' INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
        size="$(du -sc "$temporary" "$folder" 2>/dev/null | tail -n 1)"
        if [ "$size" = "$last" ]; then quiet=$((quiet + 1)); else quiet=0; fi
        last="$size"
        if [ "$quiet" -ge $((patience * 5)) ]; then
            kill -- "-$pid" 2>/dev/null || true
        fi
    done
    trap - INT TERM
    wait "$pid" || status=$?
    rm -rf "$temporary"
    return "$status"
}

# The npm package of a plugin names the version of the plugin that belongs to it.
plugin_version() {
    sed -n "s|^ *\"@pulumi/$1\": \"\\([^\"]*\\)\".*|\\1|p" "$ROOT/package.json"
}

stand_ins_dir() {
    printf '%s/.cache/providers' "$ROOT"
}

# built_dir: the CLI built from Go modules lies in a folder of its own for each set of modules.
built_dir() {
    printf '%s/engine/%s' "$SPECIVO_CACHE" "$(hash_of "$ROOT"/lab/engine/*/go.mod "$ROOT"/lab/engine/*/go.sum)"
}

downloaded_dir() {
    printf '%s/engine/download-%s' "$SPECIVO_CACHE" "$(plugin_version pulumi)"
}

# on_users_path NAME: where the user's own PATH has it, leaving out what this project has put there.
on_users_path() {
    local folder
    local IFS=:
    for folder in $PATH; do
        case "$folder" in
        "$SPECIVO_CACHE"/* | "$(stand_ins_dir)"*) continue ;;
        esac
        if [ -x "$folder/$1" ] && [ ! -d "$folder/$1" ]; then
            printf '%s\n' "$folder/$1"
            return 0
        fi
    done
    return 1
}

cli_on_path() {
    local cli
    cli="$(on_users_path pulumi)" || return 1
    [[ "$("$cli" version 2>/dev/null)" =~ ^v?${CLI_MAJOR}\. ]] || return 1
    dirname "$cli"
}

# cli_dir: the folder of the CLI to use; fails when there is none yet.
cli_dir() {
    local folder
    cli_on_path && return 0
    for folder in "$(downloaded_dir)/bin" "$(built_dir)"; do
        if [ -x "$folder/pulumi" ] && [ -x "$folder/pulumi-language-nodejs" ]; then
            printf '%s\n' "$folder"
            return 0
        fi
    done
    return 1
}

out_of_reach() {
    [ -n "$(find "$SPECIVO_CACHE/out-of-reach" -name "$1" -mmin "-$ENGINE_RETRY_AFTER" 2>/dev/null)" ]
}

note_out_of_reach() {
    mkdir -p "$SPECIVO_CACHE/out-of-reach"
    touch "$SPECIVO_CACHE/out-of-reach/$1"
}

setup_cli() {
    local folder
    cli_dir >/dev/null && return 0
    if ! out_of_reach cli; then
        folder="$(downloaded_dir)"
        rm -rf "$folder.part"
        if download_cli "$folder.part" >/dev/null 2>&1; then
            rm -rf "$folder"
            mv "$folder.part" "$folder"
            return 0
        fi
        rm -rf "$folder.part"
        note_out_of_reach cli
    fi
    build_cli
}

# Pulumi's own installer, through its SDK, which knows where to get it.
download_cli() {
    # shellcheck disable=SC2016 # The dollars belong to JavaScript.
    while_bytes_arrive "$ENGINE_PATIENCE" "$1" node -e '
        const { PulumiCommand } = require(`${process.argv[1]}/node_modules/@pulumi/pulumi/automation`);
        PulumiCommand.install({ root: process.argv[2] }).catch(error => {
            console.error(error.message);
            process.exit(1);
        });
    ' "$ROOT" "$1"
}

build_cli() {
    local folder
    require_go "$ROOT/lab/engine/cli" "There is no pulumi on PATH, it can't be downloaded from here, and building it"
    folder="$(built_dir)"
    mkdir -p "$folder"
    say "building the Pulumi CLI from Go modules, as it can't be downloaded here (once, about 4 minutes on 2 cores)"
    build_go cli github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$folder/pulumi"
    build_go nodejs github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$folder/pulumi-language-nodejs"
}

# build_go MODULE PACKAGE TARGET: go.sum vouches for what is downloaded, and nothing in the module's files is changed.
build_go() {
    local sdk=github.com/pulumi/pulumi/sdk/v3/go/common/version.Version
    [ -x "$3" ] && return 0
    rm -f "$3.part"
    (cd "$ROOT/lab/engine/$1" &&
        go build -mod=readonly -buildvcs=false -ldflags "-s -w -X $sdk=v$(plugin_version pulumi)" -o "$3.part" "$2")
    mv "$3.part" "$3"
}

plugin_installed() {
    [ -x "${PULUMI_HOME:-$HOME/.pulumi}/plugins/resource-$1-v$2/pulumi-resource-$1" ]
}

# plugin_choice NAME: path, installed, or stand-in; fails when a download is still to be tried.
plugin_choice() {
    local version
    version="$(plugin_version "$1")"
    if on_users_path "pulumi-resource-$1" >/dev/null; then
        echo path
    elif plugin_installed "$1" "$version"; then
        echo installed
    elif out_of_reach "plugin-$1-$version"; then
        echo stand-in
    else
        return 1
    fi
}

setup_plugin() {
    local version plugins="${PULUMI_HOME:-$HOME/.pulumi}/plugins"
    plugin_choice "$1" >/dev/null && return 0
    version="$(plugin_version "$1")"
    if ! while_bytes_arrive "$ENGINE_PATIENCE" "$plugins" pulumi plugin install resource "$1" "$version" >/dev/null 2>&1; then
        note_out_of_reach "plugin-$1-$version"
    fi
}

# stand_ins: names of the plugins that stand-ins are used for.
stand_ins() {
    local name
    for name in "${PLUGINS[@]}"; do
        if [ "$(plugin_choice "$name")" = stand-in ]; then
            echo "$name"
        fi
    done
}

# stand_ins_compiled: where the stand-ins lie compiled, for their present source.
stand_ins_compiled() {
    printf '%s/%s' "$(stand_ins_dir)" "$(find "$ROOT/lab/providers" -name '*.ts' -print0 | sort -z | xargs -0 cat | hash_of -)"
}

# setup_stand_ins: compiles them, and writes the script that starts each, in a folder of its own to be put on PATH.
setup_stand_ins() {
    local folder name
    folder="$(stand_ins_compiled)"
    [ -d "$folder" ] && return 0
    rm -rf "$folder.part"
    # Those of earlier sources; a day old, they are not running any more.
    find "$(stand_ins_dir)" -mindepth 1 -maxdepth 1 -mtime +0 -exec rm -rf {} + 2>/dev/null || true
    find "$ROOT/lab/providers" -name '*.ts' -print0 |
        xargs -0 "$ROOT/node_modules/.bin/tsc" --noCheck --skipLibCheck --target es2022 --module commonjs \
            --moduleResolution node --esModuleInterop --types node --rootDir "$ROOT/lab/providers" --outDir "$folder.part"
    for name in "${PLUGINS[@]}"; do
        mkdir -p "$folder.part/bin/$name"
        # shellcheck disable=SC2016 # The dollars are for the script that is written here.
        printf '#!/bin/sh\nexec node "$(dirname "$0")/../../%s/main.js" "$@"\n' "$name" \
            >"$folder.part/bin/$name/pulumi-resource-$name"
        chmod +x "$folder.part/bin/$name/pulumi-resource-$name"
    done
    mv "$folder.part" "$folder"
}
