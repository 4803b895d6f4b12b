help_offsite() {
    cat <<'TEXT'
Usage: specivo-host offsite < input.json

Stores where backups go, the password and keys for it, and how many are kept, in one file that only root can read. Prints the
repository. A backup stays while it is one of the newest keepLast or not older than keepDays, and as long as a rollback needs it.
Input: {"repository": "s3:https://…/bucket" | "sftp:user@host:/path" | "local", "password": "…",
        "s3": {"accessKeyId": "…", "secretAccessKey": "…"}, "sftp": {"privateKey": "…", "knownHosts": "…"},
        "keepLast": 10, "keepDays": 30, "startTimeout": seconds a new version may take to start, migrations included (900),
        "smoke": {"login": "…", "password": "…", "limit": seconds a request may take (5)}, for a test as that user before and after,
        "webhook": {"url": "https://…", "secret": "…"}, which is told how each transition ended}
"local" keeps backups on this server alone, where one broken disk loses both.
TEXT
}

operation_offsite() {
    instance_require
    offsite_password_require
    offsite_store "$INPUT"
    result "$(jq -cn --arg repository "$(offsite .repository)" '{repository: $repository}')"
}

# Another password has to open the repository that is in use, or nobody would notice until the next backup.
offsite_password_require() {
    [[ -f $(offsite_file) ]] || return 0
    [[ $(offsite .repository) == "$(input .repository)" && $(offsite .password) != "$(input .password)" ]] || return 0
    (
        trap ssh_agent_stop EXIT
        OFFSITE_FILE=$WORK/offsite.json
        printf '%s' "$INPUT" >"$OFFSITE_FILE"
        offsite_load
        # A target that does not answer now may do so later.
        run_restic 60 list locks --no-lock >"$WORK/restic" 2>&1 || offsite_password_refuse "$WORK/restic"
    )
}

# offsite_store SETTINGS: as in the input above.
offsite_store() {
    local repository new
    repository=$(jq -r '.repository // empty' <<<"$1")
    [[ $repository == local || $repository == s3:* || $repository == sftp:* ]] ||
        fail "the backup repository '$repository' is neither s3:…, sftp:… nor local; set offsiteRepository to one of these."
    [[ -n $(jq -r '.password // empty' <<<"$1") ]] || fail "the backup password is empty; set backupPassword."
    new=$(mktemp "$STATE/offsite.json.XXXXXX")
    jq -c '{repository, password, s3, sftp, keepLast, keepDays, startTimeout, smoke, webhook}' <<<"$1" >"$new"
    sync "$new"
    mv -f "$new" "$(offsite_file)"
}
