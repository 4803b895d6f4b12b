# shellcheck shell=bash
# Everything that a droplet needs around it, each thing made once: what is there already costs nothing.

# prepare ["VERSION FORM DATA"...]: the whole lab, and a disk with Specivo on it for each of these. From here on nothing
# that was started outlives this shell, however it ends.
prepare() {
    local targets publish instance words
    trap end_started EXIT
    mkdir -p "$LAB"
    "$LAB_SOURCE/engine-host/packages"
    "$LAB_SOURCE/engine-host/start"
    # Takes longest and needs nothing from the rest.
    { "$LAB_SOURCE/registry/build" && "$LAB_SOURCE/targets/build"; } >/dev/null &
    targets=$!
    "$LAB_SOURCE/engine-host/base-image"
    "$LAB_SOURCE/images/build"
    "$LAB_SOURCE/registry/start"
    "$LAB_SOURCE/registry/publish" &
    publish=$!
    "$LAB_SOURCE/droplet/agent"
    "$LAB_SOURCE/droplet/base-disk" >/dev/null
    wait "$publish"
    for instance in "$@"; do
        read -ra words <<<"$instance"
        "$LAB_SOURCE/droplet/instance-disk" "${words[@]}" >/dev/null
    done
    wait "$targets"
    "$LAB_SOURCE/targets/start"
}
