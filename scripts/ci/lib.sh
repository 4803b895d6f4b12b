# What the steps of the workflows share. Sourced, never run.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
SPECIVO_STACK="${SPECIVO_STACK:?names the stack}"

# A workflow gives what nobody has set as an empty value; to Pulumi that is not the same as none.
unset_empty() {
    local name
    for name in PULUMI_ACCESS_TOKEN PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION; do
        if [ -z "${!name:-}" ]; then unset "$name"; fi
    done
}

# The key goes into an agent that ends with this script, and into nothing else.
use_ssh_key() {
    [ -n "${SSH_PRIVATE_KEY:-}" ] || return 1
    eval "$(ssh-agent -s)" >/dev/null
    printf '%s\n' "$SSH_PRIVATE_KEY" | ssh-add -q - ||
        { echo "SSH_PRIVATE_KEY is no private key without a passphrase: put the whole file into the secret." >&2 && return 2; }
    unset SSH_PRIVATE_KEY
    if [ -n "${SSH_KNOWN_HOSTS:-}" ]; then
        (umask 077 && mkdir -p "$HOME/.ssh" && printf '%s\n' "$SSH_KNOWN_HOSTS" >>"$HOME/.ssh/known_hosts")
    fi
}

# Without a key there is no up, and no look at what has drifted.
require_ssh_key() {
    local status=0
    use_ssh_key || status=$?
    case "$status" in
    0) ;;
    1)
        echo "SSH_PRIVATE_KEY is not set: put a key that the server accepts into the environment's secrets." >&2
        exit 1
        ;;
    *) exit 1 ;;
    esac
}

# make_plan [OPTIONS]: the plan in $PLAN, also on the job's page. Its status is scripts/plan-markdown's; without any Markdown the script ends.
make_plan() {
    local status=0
    "$ROOT/scripts/plan-markdown" --stack "$SPECIVO_STACK" --out "$PLAN" "$@" || status=$?
    [ -s "$PLAN" ] || exit 1
    cat "$PLAN" >>"${GITHUB_STEP_SUMMARY:-/dev/stdout}"
    return "$status"
}

# on_github WHAT...: stdin becomes a comment or an issue.
on_github() {
    node -r ts-node/register "$ROOT/commands/github/main.ts" "$@"
}

clean_up() {
    rm -f "$PLAN"
    if [ -n "${SSH_AGENT_PID:-}" ]; then ssh-agent -k >/dev/null; fi
}

PLAN="$(mktemp)"
unset SSH_AGENT_PID
trap clean_up EXIT
unset_empty
cd "$ROOT" || exit 1
