help_offsite() {
    cat <<'TEXT'
Usage: specivo-host offsite < input.json

Stores where backups go, and the password and keys for it, in one file that only root can read. Prints the repository.
Input: {"repository": "s3:https://…/bucket" | "sftp:user@host:/path" | "local", "password": "…",
        "s3": {"accessKeyId": "…", "secretAccessKey": "…"}, "sftp": {"privateKey": "…", "knownHosts": "…"}}
"local" keeps backups on this server alone, where one broken disk loses both.
TEXT
}

operation_offsite() {
    instance_require
    local repository new
    repository=$(input .repository)
    [[ $repository == local || $repository == s3:* || $repository == sftp:* ]] ||
        fail "the backup repository '$repository' is neither s3:…, sftp:… nor local; set offsiteRepository to one of these."
    [[ -n $(input .password) ]] || fail "the backup password is empty; set backupPassword."
    new=$(mktemp "$STATE/offsite.json.XXXXXX")
    jq -c '{repository, password, s3, sftp}' <<<"$INPUT" >"$new"
    sync "$new"
    mv -f "$new" "$(offsite_file)"
    result "$(jq -cn --arg repository "$repository" '{repository: $repository}')"
}
