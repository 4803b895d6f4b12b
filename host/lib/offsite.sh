# The backup repository: restic, off the host. Its password and keys lie in one root-only file, and reach only the
# environment of the restic processes; an SFTP key reaches an ssh-agent of this operation's own.

offsite_file() {
    printf '%s' "${OFFSITE_FILE:-$STATE/offsite.json}"
}

offsite() {
    jq -r "$1 // empty" "$(offsite_file)"
}

# Sets RESTIC (how it is called), RESTIC_REPOSITORY and OFFSITE (false for a repository on this very server).
offsite_load() {
    [[ -f $(offsite_file) ]] || fail "this server does not know yet where backups go; run pulumi up without --target, it stores that first."
    OFFSITE=true
    RESTIC_REPOSITORY=$(offsite .repository)
    if [[ $RESTIC_REPOSITORY == local ]]; then
        OFFSITE=false
        RESTIC_REPOSITORY=$STATE/repository
    fi
    RESTIC=(restic --repo "$RESTIC_REPOSITORY" --cache-dir "$STATE/cache" --retry-lock 10m)
    RESTIC_PASSWORD_OF_REPOSITORY=$(offsite .password)
    S3_KEY_ID=
    S3_SECRET=
    case $RESTIC_REPOSITORY in
        s3:*)
            S3_KEY_ID=$(offsite .s3.accessKeyId)
            S3_SECRET=$(offsite .s3.secretAccessKey)
            ;;
        sftp:*)
            offsite .sftp.knownHosts >"$WORK/known_hosts"
            RESTIC+=(-o "sftp.args=-o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$WORK/known_hosts")
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

# with_credentials COMMAND...: the only processes that ever have them.
with_credentials() {
    RESTIC_PASSWORD=$RESTIC_PASSWORD_OF_REPOSITORY AWS_ACCESS_KEY_ID=$S3_KEY_ID AWS_SECRET_ACCESS_KEY=$S3_SECRET \
        RESTIC_PROGRESS_FPS=1 "$@"
}

# run_restic SECONDS ARG...: bounded, as restic itself would go on retrying a target that is gone for a quarter of an hour.
run_restic() {
    with_credentials timeout -k 5 "$1" "${RESTIC[@]}" "${@:2}"
}

# Opens the repository, and makes it on first use. `restic init` refuses where one exists already, so a target that only
# seemed empty is never overwritten.
offsite_open() {
    local errors=$WORK/restic locks
    if locks=$(run_restic 60 list locks --no-lock 2>"$errors"); then
        [[ -z $locks ]] || offsite_unlock "$locks"
        return
    fi
    offsite_password_refuse "$errors"
    if run_restic 60 -q init >/dev/null 2>"$errors.init"; then
        say "made a new backup repository at $RESTIC_REPOSITORY"
        return
    fi
    fail "the backup target $RESTIC_REPOSITORY can't be reached or used ($(last_words "$errors.init")); check that it is up and that offsiteRepository and its keys are right."
}

# offsite_password_refuse ERRORS: of a restic that could not open the repository
offsite_password_refuse() {
    ! grep -q 'wrong password' "$1" ||
        fail "the backup password does not open the repository $RESTIC_REPOSITORY; set backupPassword to the one it was made with, add the new one there first (restic key add), or set offsiteRepository to a new place."
}

# Removes locks of dead processes. restic knows its own dead by their process id, which after a restart of the server another
# process may bear; but what this server locked before it was started is dead too.
offsite_unlock() {
    local lock booted ours=yes
    booted=$(date -u -d "@$(boot_time)" +%Y-%m-%dT%H:%M:%S)
    for lock in $1; do
        run_restic 60 cat lock "$lock" --no-lock 2>/dev/null |
            jq -e --arg host "$(hostname)" --arg booted "$booted" '.hostname == $host and .time < $booted' >/dev/null || ours=
    done
    run_restic 60 -q unlock ${ours:+--remove-all} 2>"$WORK/restic" ||
        fail "locks of dead processes in $RESTIC_REPOSITORY could not be removed: $(last_words "$WORK/restic")"
    say "removed what dead processes had locked in $RESTIC_REPOSITORY"
}

# offsite_send FROZEN DATA PATH... -- TAG...: a snapshot of the frozen files, as if they lay in the data directory, and of the
# other paths. Sets SUMMARY. In a mount namespace of its own, so that the paths in every backup are the same.
offsite_send() {
    local frozen=$1 data=$2 status=0
    local -a paths=() tags=()
    shift 2
    while [[ $1 != -- ]]; do
        paths+=("$1")
        shift
    done
    shift
    while (($# > 0)); do
        tags+=(--tag "$1")
        shift
    done
    # A hard link sets a file's change time, and nothing else that says it changed.
    with_credentials unshare -m sh -c 'echo $$ >"$1" && mount --bind "$2" "$3" && shift 3 && exec "$@"' sh "$WORK/restic-process" "$frozen" "$data" \
        "${RESTIC[@]}" backup --json --host "$INSTANCE" --ignore-ctime "${tags[@]}" "$data" "${paths[@]}" 2>"$WORK/restic" |
        offsite_progress >"$WORK/summary" || status=$?
    # 3: some files could not be read. What the repository had lost, and is stored again, is reported that way too.
    if ((status == 3)) && ! jq -Rr 'fromjson? | select(.message_type == "error") | .error.message' "$WORK/restic" | grep -v 'not found in the repository index' | grep -q .; then
        status=0
    fi
    SUMMARY=$(<"$WORK/summary")
    if ((status != 0)) || [[ -z $SUMMARY ]]; then
        fail "the backup could not be sent to $RESTIC_REPOSITORY ($(offsite_words)); check that the target is up and has room."
    fi
}

# Seconds without any progress after which a target is given up: restic itself would go on trying for a quarter of an hour.
readonly STALL_LIMIT=120

# Reads restic's status lines, tells how far it is every few seconds, prints the summary. Ends, and restic with it, when nothing has
# moved for too long. On a slow line restic reads nothing for minutes while it sends what it has read, so what the target
# has acknowledged counts too.
offsite_progress() {
    local line read before=-1 moved told acknowledged acknowledged_before=0
    clock
    moved=$CLOCK told=$CLOCK
    while IFS= read -r line; do
        clock
        if [[ $line == *'"message_type":"summary"'* ]]; then
            printf '%s\n' "$line"
            continue
        fi
        [[ $line =~ \"bytes_done\":([0-9]+) ]] && read=${BASH_REMATCH[1]} || read=0
        acknowledged=$(offsite_acknowledged)
        # More than an idle SSH connection's signs of life.
        if [[ $read != "$before" ]] || ((acknowledged < acknowledged_before || acknowledged > acknowledged_before + 10000)); then
            before=$read acknowledged_before=$acknowledged moved=$CLOCK
        elif ((CLOCK - moved > STALL_LIMIT)); then
            printf '{"message_type":"exit_error","message":"nothing was taken for %s s"}\n' "$STALL_LIMIT" >>"$WORK/restic"
            return 1
        fi
        if ((CLOCK - told >= 5 && moved > told)); then
            told=$CLOCK
            [[ $line =~ \"total_bytes\":([0-9]+) ]] && say "sending: $((read / 1000000)) of $((BASH_REMATCH[1] / 1000000)) MB read, $((acknowledged / 1000000)) MB sent"
        fi
    done
}

# Bytes that have arrived at the other end of the connections of the restic that sends, and of the ssh that it started.
offsite_acknowledged() {
    local sender
    sender=$(<"$WORK/restic-process")
    ss -HtinpO 2>/dev/null | awk -v processes="$sender $(pgrep -P "$sender" | paste -sd' ')" '
        BEGIN { split(processes, all, " "); for (i in all) ours["pid=" all[i]] }
        match($0, /pid=[0-9]+/) && (substr($0, RSTART, RLENGTH) in ours) && match($0, /bytes_acked:[0-9]+/) {
            sum += substr($0, RSTART + 12, RLENGTH - 12)
        }
        END { print sum + 0 }'
}

# restic's own last word, which with --json is JSON.
offsite_words() {
    local words
    words=$(jq -Rr 'fromjson? // {message: .} | .error.message? // .message // empty' "$WORK/restic" 2>/dev/null | sed 's/^Fatal: //' | tail -n 1)
    printf '%s' "${words:-no message}"
}

# How much of what is stored is read back at every backup, at random where it is more than that.
readonly READ_BACK=256M

# offsite_check: structure, and content of as much as is read back. Fails (returns 1) with restic's words in $WORK/check.
offsite_check() {
    local status=0
    progress_start full_disk_ends "$BASHPID"
    run_restic 7200 -q check --read-data-subset="$READ_BACK" >"$WORK/check" 2>&1 || status=$?
    progress_stop
    ((status == 0)) || ! disk_full || fail "what arrived could not be read back."
    return "$status"
}

# full_disk_ends PROCESS: its restic, that would go on for minutes trying to write what it caches.
full_disk_ends() {
    ! disk_full || pkill -P "$1" -x timeout
}

# Takes what is damaged out of the repository, as far as that loses nothing more: the intact parts of a damaged pack are kept, and
# what this server still has is stored again by the next backup. Says what it did; fails (returns 1) when it knows no way.
offsite_heal() {
    local packs
    packs=$(sed -nE 's/^restic repair packs ([0-9a-f ]+)$/\1/p' "$WORK/check" | head -n 1)
    if [[ -n $packs ]]; then
        say "damaged in $RESTIC_REPOSITORY: pack ${packs// /, }; taking it out, its intact parts kept"
        # It leaves copies of the packs in the directory it runs in.
        # shellcheck disable=SC2086 # one id a word
        (cd "$WORK" && run_restic 1800 -q repair packs $packs >"$WORK/restic" 2>&1) || return 1
    elif grep -v 'not found in index' "$WORK/check" | grep -qE '^pack [0-9a-f]+: |index'; then
        say "the index of $RESTIC_REPOSITORY does not fit what is stored there; making it anew"
        run_restic 1800 -q repair index >"$WORK/restic" 2>&1 || return 1
    else
        return 1
    fi
}
