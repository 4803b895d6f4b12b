# What the registry has, asked from this server: here is where the pull will happen, with this network, mirror and certificates.

# registry_lookup REFERENCE: what the engine finds there. Prints the digest of the tag, or `missing`, or `unreachable`.
registry_lookup() {
    local answer status
    answer=$(curl -sS --max-time 10 --unix-socket /var/run/docker.sock -w '\n%{http_code}' \
        "http://localhost/distribution/$1/json" 2>/dev/null || true)
    status=${answer##*$'\n'}
    if [[ $status == 200 && $answer =~ \"digest\":\"(sha256:[0-9a-f]{64})\" ]]; then
        printf '%s' "${BASH_REMATCH[1]}"
    elif [[ $status == 404 || $answer == *'manifest unknown'* || $answer == *'not found'* || $answer == *denied* ]]; then
        printf missing
    else
        printf unreachable
    fi
}

# registry_address REPOSITORY: the host that has it. The engine knows the one for names that tell none.
registry_address() {
    local first=${1%%/*} index
    if [[ $1 == */* && ($first == *.* || $first == *:* || $first == localhost) ]]; then
        printf '%s' "$first"
    else
        index=$(docker info --format '{{.IndexServerAddress}}' 2>/dev/null)
        index=${index#*://}
        printf '%s' "${index%%/*}"
    fi
}

# registry_releases REPOSITORY: its tags of the form X.Y.Z, one a line; fails when they can't be had within a few seconds.
registry_releases() {
    local address path=$1 url answer challenge token='' pattern='"(access_)?token" *: *"([^"]+)"'
    address=$(registry_address "$1")
    [[ -n $address ]] || return 1
    path=${path#"$address"/}
    [[ $path == */* ]] || path=library/$path
    url=https://$address/v2/$path/tags/list
    answer=$(curl -sS --max-time 3 -D - "$url" 2>/dev/null) || return 1
    if [[ ${answer%%$'\r'*} == *' 401'* ]]; then
        # Anonymous access, as the registry itself tells how.
        challenge=$(grep -i '^www-authenticate: *bearer' <<<"$answer")
        [[ $challenge =~ realm=\"([^\"]+)\" ]] || return 1
        token=${BASH_REMATCH[1]}
        [[ ! $challenge =~ service=\"([^\"]+)\" ]] || token+="?service=${BASH_REMATCH[1]}&scope=repository:$path:pull"
        token=$(curl -fsS --max-time 3 "$token" 2>/dev/null) || return 1
        [[ $token =~ $pattern ]] || return 1
        answer=$(curl -fsS --max-time 3 -H @- "$url" 2>/dev/null <<<"Authorization: Bearer ${BASH_REMATCH[2]}") || return 1
    fi
    grep -oE '"[0-9]+\.[0-9]+\.[0-9]+"' <<<"$answer" | tr -d '"' | sort -uV
}
