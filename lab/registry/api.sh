# shellcheck shell=bash
# Tags of the lab's Docker Hub, through the API of Docker's registry.
# shellcheck source=../lib/network.sh
. "$LAB_SOURCE/lib/network.sh"

ACCEPT='Accept: application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'

# registry_api PATH [OPTION...]: one request to the registry itself, which the faults of its front don't concern.
registry_api() {
    curl --silent --show-error --fail --noproxy '*' --header "$ACCEPT" "${@:2}" "http://$(registry_store_address)/v2/$1"
}

# read_image NAME: sets `repository` and `reference` (a tag or a digest) as Docker reads the name of an image on its Hub. A
# lone tag is one of specivo/specivo.
read_image() {
    case $1 in
        *@*) repository=${1%%@*} reference=${1#*@} ;;
        *:*) repository=${1%:*} reference=${1##*:} ;;
        *) repository=specivo/specivo reference=$1 ;;
    esac
    if [[ $repository != */* ]]; then repository=library/$repository; fi
    [[ $repository =~ ^[a-z0-9/._-]+$ && $reference =~ ^([A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$ ]] ||
        die "\"$1\" is no image; give a tag of specivo/specivo, or one like specivo/specivo:0.1.10"
}

# published_tags: the names of all images that the lab puts into its registry, one a line.
published_tags() { cat "$LAB_SOURCE"/images/*/tags | awk 'NF { print $1 }'; }

# read_own_tag NAME: as read_image, for a tag that may be made, moved and taken away: every droplet counts on those that the
# lab publishes.
read_own_tag() {
    read_image "$1"
    [[ $reference != sha256:* ]] || die "\"$1\" is a digest; give a tag"
    ! published_tags | grep -qxF "${repository#library/}:$reference" ||
        die "$repository:$reference is one of the lab's own; take a tag or a repository that it does not publish"
}

# digest_of REPOSITORY REFERENCE: what lies there; dies where nothing does.
digest_of() {
    local head
    if ! head=$(registry_api "$1/manifests/$2" --head 2>/dev/null); then
        accepts "$(registry_store_address)" 80 || die "the lab's registry does not run; start it with: npm run lab -- up"
        die "the registry has no $1:$2"
    fi
    sed -n 's/^Docker-Content-Digest: \([^[:space:]]*\).*/\1/Ip' <<<"$head"
}

# copy_image REPOSITORY DIGEST TO-REPOSITORY TAG: the tag stands for that image from now on.
copy_image() {
    local manifest blob
    manifest=$(registry_api "$1/manifests/$2" && echo .)
    if [[ $3 != "$1" ]]; then
        for blob in $(jq -r '.config.digest, .layers[].digest' <<<"${manifest%.}"); do
            registry_api "$3/blobs/uploads/?mount=$blob&from=$1" --request POST --output /dev/null
        done
    fi
    # To the byte, as its digest is its name.
    printf %s "${manifest%.}" | registry_api "$3/manifests/$4" --request PUT --data-binary @- \
        --header "Content-Type: $(jq -r .mediaType <<<"${manifest%.}")"
}
