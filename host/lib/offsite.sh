# The backup repository: restic, off the host. Its password and keys lie in one root-only file, and reach only the
# environment of the restic processes; an SFTP key reaches an ssh-agent of this operation's own.

offsite_file() {
    printf '%s/offsite.json' "$STATE"
}

offsite() {
    jq -r "$1 // empty" "$(offsite_file)"
}

# Sets RESTIC_* and OFFSITE (false for a repository on this very server).
offsite_load() {
    [[ -f $(offsite_file) ]] || fail "this server does not know yet where backups go; run pulumi up without --target, it stores that first."
    OFFSITE=true
    RESTIC_REPOSITORY=$(offsite .repository)
    if [[ $RESTIC_REPOSITORY == local ]]; then
        OFFSITE=false
        RESTIC_REPOSITORY=$STATE/repository
    fi
    RESTIC_PASSWORD=$(offsite .password)
    RESTIC_CACHE_DIR=$STATE/cache
    RESTIC_OPTIONS=(--retry-lock 10m)
    export RESTIC_REPOSITORY RESTIC_PASSWORD RESTIC_CACHE_DIR
    case $RESTIC_REPOSITORY in
        s3:*)
            AWS_ACCESS_KEY_ID=$(offsite .s3.accessKeyId)
            AWS_SECRET_ACCESS_KEY=$(offsite .s3.secretAccessKey)
            export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
            ;;
        sftp:*)
            offsite .sftp.knownHosts >"$WORK/known_hosts"
            RESTIC_OPTIONS+=(-o "sftp.args=-o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$WORK/known_hosts")
            ssh_agent_start
            # ssh-add wants a final newline, which $(...) takes away.
            offsite .sftp.privateKey | ssh-add -q - 2>/dev/null ||
                fail "the SSH key for the backup target is no private key without passphrase; set offsiteSshPrivateKey to one, as OpenSSH writes it."
            ;;
    esac
}

ssh_agent_start() {
    # It must not inherit the lock, which would outlive the operation with it.
    eval "$(ssh-agent -s 3>&- 9>&-)" >/dev/null
    OWN_AGENT=$SSH_AGENT_PID
}

ssh_agent_stop() {
    [[ -z ${OWN_AGENT:-} ]] || kill "$OWN_AGENT"
    OWN_AGENT=
}

run_restic() {
    restic "${RESTIC_OPTIONS[@]}" "$@"
}

# restic's own last word, in one line, for a message.
last_words() {
    grep -v '^[[:space:]]*$' "$1" | tail -n "${2:-1}" | tr '\n' ' ' | sed 's/[[:space:]]*$//'
}

# Opens the repository, and makes it on first use. `restic init` refuses where one exists already, so a target that only
# seemed empty is never overwritten. Bounded: restic itself would go on retrying a dead target for a quarter of an hour.
offsite_open() {
    local errors=$WORK/restic
    if timeout -k 5 60 restic "${RESTIC_OPTIONS[@]}" cat config >/dev/null 2>"$errors"; then
        # Removes only locks whose process is dead, as a killed backup leaves one.
        run_restic -q unlock 2>"$errors" || fail "locks of dead processes in $RESTIC_REPOSITORY could not be removed: $(last_words "$errors")"
        return
    fi
    if grep -q 'wrong password' "$errors"; then
        fail "the backup password does not open the repository $RESTIC_REPOSITORY; set backupPassword to the one it was made with, or offsiteRepository to a new place."
    fi
    if timeout -k 5 60 restic "${RESTIC_OPTIONS[@]}" -q init >/dev/null 2>"$errors.init"; then
        say "made a new backup repository at $RESTIC_REPOSITORY"
        return
    fi
    fail "the backup target $RESTIC_REPOSITORY can't be reached or used ($(last_words "$errors.init")); check that it is up and that offsiteRepository and its keys are right."
}
