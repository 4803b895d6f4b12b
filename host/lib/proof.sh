# The proof of a backup: what came back from its place off the host is restored once, in a server of its own, and compared.

# prove SNAPSHOT COUNTS FROZEN DATA REVISION NEWEST: sets PROOF (JSON), or fails. COUNTS has the rows that the dump's own snapshot had, FROZEN
# the files that were sent, DATA the path they have in the backup. Of NEWEST, the database they come from, it is asked whether
# a row whose file is missing is gone by now (empty: it must not be).
prove() {
    local snapshot=$1 counts=$2 frozen=$3 data=$4 revision=$5 newest=$6
    say "restoring what arrived, to compare it"
    beside prove_list "$snapshot" "$frozen" "$data"
    beside prove_hashes "$frozen"
    beside prove_sample "$snapshot" "$frozen" "$data"
    proof_restore "$snapshot"
    prove_rows "$counts" "$revision"
    beside_end
    prove_attachments "$data" "$newest"
    PROOF=$(jq -n --slurpfile rows "$counts" --slurpfile attachments "$WORK/attachments-proven" --argjson sample "$(<"$WORK/sampled")" \
        '{tables: ($rows[0] | length), rows: ($rows[0] | add // 0)} + $attachments[0] + {sample: $sample}')
}

# proof_restore SNAPSHOT: the dump, as it lies off the host, in the throwaway server's database `proof`.
proof_restore() {
    throwaway_wait
    throwaway createdb proof
    progress_start restore_progress "$(sql 'SELECT pg_database_size(current_database())' 2>/dev/null || echo 0)" \
        throwaway psql -XAtqc "SELECT pg_database_size('proof')" postgres
    run_restic 3600 -q dump "$1" "$STATE/staging/database.dump" 2>"$WORK/restic" |
        throwaway pg_restore --single-transaction --no-owner --no-privileges --dbname=proof 2>"$WORK/pg_restore" ||
        fail "the dump, read back from $RESTIC_REPOSITORY, can't be restored ($(last_words "$WORK/pg_restore") $(last_words "$WORK/restic"))."
    progress_stop
}

proof_revision() {
    throwaway psql -XAtqc 'SELECT version_num FROM alembic_version' proof
}

prove_rows() {
    local counts=$1 revision=$2 restored different
    count_rows_sql | throwaway psql -XAtq -v ON_ERROR_STOP=1 -f - proof >"$WORK/counts-restored"
    different=$(jq -rn --slurpfile sent "$counts" --slurpfile restored "$WORK/counts-restored" '
        [($sent[0] + $restored[0] | keys[]) as $table | select($sent[0][$table] != $restored[0][$table])
            | "\($table): \($sent[0][$table] // "no such table"), restored \($restored[0][$table] // "none")"] | .[0:5] | join("; ")')
    [[ -z $different ]] || fail "the restored backup has other rows than the database had ($different)."
    restored=$(proof_revision)
    [[ $restored == "$revision" ]] || fail "the restored backup is at schema $restored, and the database was at $revision."
}

# The attachments' files in the backup, and their sizes.
prove_list() {
    local snapshot=$1 frozen=$2 data=$3 directory
    directory=$(uploads_directory)
    run_restic 1800 -q ls --json "$snapshot" "$data/$directory" 2>"$WORK/restic-list" >"$WORK/stored" ||
        [[ ! -d $frozen/$directory ]] || fail "the files of the backup can't be listed in $RESTIC_REPOSITORY ($(last_words "$WORK/restic-list"))."
}

# Of all of them, as it is not known yet which rows have a hash.
prove_hashes() {
    if cd "$1/$(uploads_directory)" 2>/dev/null; then
        find . -type f -printf '%P\0' | xargs -0 -r sha256sum --zero -- 2>/dev/null || true
    fi >"$WORK/hashes"
}

# Every attachment row of the restored database has its file in the backup, of its size, and with its hash where the row knows
# it. restic vouches for the content it stores, so the hash is taken here of the very file that it read.
prove_attachments() {
    local data=$1 newest=$2 directory
    directory=$(uploads_directory)
    throwaway psql -XAtqc "SELECT json_build_object('id', id, 'file', disk_filename, 'size', filesize, 'hash', to_jsonb(a) ->> 'content_hash') FROM attachments a" proof >"$WORK/attachment-rows"
    jq -n --slurpfile rows "$WORK/attachment-rows" --slurpfile stored "$WORK/stored" --rawfile hashes "$WORK/hashes" --arg below "$data/$directory/" '
        ($stored | map(select(.type == "file" and (.path | startswith($below))) | {(.path[($below | length):]): .size}) | add // {}) as $sizes
        | ($hashes | split("\u0000") | map(select(. != "") | {(.[66:]): .[:64]}) | add // {}) as $sums
        | reduce $rows[] as $row ({attachments: 0, attachmentBytes: 0, hashed: 0, missing: [], damaged: []};
            if $sizes[$row.file] == null then .missing += [$row]
            elif $sizes[$row.file] != $row.size or ($row.hash and $sums[$row.file] != $row.hash) then .damaged += [$row.file]
            else .attachments += 1 | .attachmentBytes += $row.size | .hashed += (if $row.hash then 1 else 0 end) end)' >"$WORK/attachments-found"
    prove_missing "$newest"
    jq -e '.damaged == []' "$WORK/attachments-proven" >/dev/null ||
        fail "attachments differ from what their rows say, by size or SHA-256: $(jq -r '.damaged[0:5] | join(", ")' "$WORK/attachments-proven") in $data/$directory. Put the right files there, or delete these attachments in Specivo."
    jq 'del(.damaged)' "$WORK/attachments-proven" >"$WORK/attachments-proven.new" && mv "$WORK/attachments-proven.new" "$WORK/attachments-proven"
}

# A file may have been deleted while the dump was made: then its row is gone from the database by now, and that is noted. A row that is
# still there without its file is not.
prove_missing() {
    local newest=$1 ids left=''
    ids=$(jq -r '[.missing[].id] | join(",")' "$WORK/attachments-found")
    if [[ -n $ids && -n $newest ]]; then
        left=$(sql "SELECT id FROM attachments WHERE id IN ($ids)" "$newest")
    elif [[ -n $ids ]]; then
        left=${ids//,/$'\n'}
    fi
    jq --arg left "$left" '($left | split("\n") | map(select(. != "") | tonumber)) as $left
        | .deleted = (.missing | map(select(.id as $id | $left | index($id) | not)) | length)
        | .missing |= map(select(.id as $id | $left | index($id)) | .file)' "$WORK/attachments-found" >"$WORK/attachments-proven"
    jq -e '.missing == []' "$WORK/attachments-proven" >/dev/null ||
        fail "attachments have rows in the database and no file in the backup: $(jq -r '.missing[0:5] | join(", ")' "$WORK/attachments-proven"). Put the files back into the directory of attachments, or delete these attachments in Specivo."
    jq 'del(.missing)' "$WORK/attachments-proven" >"$WORK/attachments-proven.new" && mv "$WORK/attachments-proven.new" "$WORK/attachments-proven"
}

# A random sample of small files, read back by content.
prove_sample() {
    local snapshot=$1 frozen=$2 data=$3 file sampled=0 target=$WORK/sample
    local -a includes=()
    printf 0 >"$WORK/sampled"
    # Names with signs that restic would take for a pattern are left out of the draw.
    while IFS= read -r -d '' file; do
        includes+=(--include "$data/$file")
    done < <(cd "$frozen" && find . -type f -size -8M -size +0 -regex '[A-Za-z0-9./_-]*' -printf '%P\0' | shuf -z -n 20)
    ((${#includes[@]} > 0)) || return 0
    run_restic 1800 -q restore "$snapshot" --target "$target" "${includes[@]}" >/dev/null 2>"$WORK/restic-sample" ||
        fail "a sample of the files can't be read back from $RESTIC_REPOSITORY ($(last_words "$WORK/restic-sample"))."
    while IFS= read -r -d '' file; do
        cmp -s "$target$data/$file" "$frozen/$file" || fail "the file $file, read back from $RESTIC_REPOSITORY, is not the one that was sent."
        sampled=$((sampled + 1))
    done < <(cd "$target$data" && find . -type f -printf '%P\0')
    ((sampled == ${#includes[@]} / 2)) || fail "of $((${#includes[@]} / 2)) files only $sampled came back from $RESTIC_REPOSITORY."
    printf %s "$sampled" >"$WORK/sampled"
    rm -rf "$target"
}
