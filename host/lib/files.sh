# The files that people's data is in, beside the database: attachments above all. What is kept of them lies in a directory
# of our own inside the data directory, as only within one file system a hard link costs nothing and a rename is one step.

# What is no data of anybody's, or is saved otherwise: live PostgreSQL files, the queue, logs, the one-time password.
is_precious() {
    case $1 in
        postgresql* | redis | logs | .bootstrap.json | .specivo-upgrade | . | ..) return 1 ;;
    esac
}

# The directory on the server that is /app/data in the api, without symbolic links: restic would store the link alone.
data_directory() {
    local source
    source=$(inspect api '{{range .Mounts}}{{if eq .Destination "/app/data"}}{{.Source}}{{end}}{{end}}')
    [[ -n $source && -d $source ]] ||
        fail "the api has no directory of this server mounted at /app/data, so its attachments can't be saved; mount one, as Specivo's compose file does."
    readlink -f "$source"
}

# Uploads may have been moved out of the data directory by a setting; what is elsewhere would not be saved.
uploads_require() {
    local line
    while read -r line; do
        [[ ${line#*=} == data/* || ${line#*=} == /app/data/* || -z ${line#*=} ]] ||
            fail "$line lies outside /app/data, and so outside of what is saved; move it to a directory below it."
    done < <(inspect api '{{range .Config.Env}}{{println .}}{{end}}' | grep -E '^(ATTACHMENT|AVATAR)_UPLOAD_DIR=' || true)
    mounts_require
}

# Nor would be what is mounted inside of the data directory from elsewhere.
mounts_require() {
    local data type destination source inside
    data=$(data_directory)
    while read -r type destination source; do
        inside=${destination#/app/data/}
        if [[ $inside == "$destination" || $type == tmpfs || ${inside%%/*} == models ]] || ! is_precious "${inside%%/*}" ||
            [[ $(readlink -f "$source") == "$data/$inside" ]]; then
            continue
        fi
        fail "$source is mounted into the api at $destination, and what is mounted inside of /app/data is not saved with it; move it into $data, which is mounted there."
    done < <(inspect api '{{range .Mounts}}{{println .Type .Destination .Source}}{{end}}' | sed '/^$/d')
}

# The directory of attachments below the data directory.
uploads_directory() {
    local directory
    directory=$(inspect api '{{range .Config.Env}}{{println .}}{{end}}' | sed -n 's/^ATTACHMENT_UPLOAD_DIR=//p')
    directory=${directory#/app/}
    directory=${directory#data/}
    printf '%s' "${directory:-attachments}"
}

# files_aside DATA NAME: where files are kept under that name.
files_aside() {
    printf '%s/.specivo-upgrade/%s' "$1" "$2"
}

# files_freeze DATA NAME: the precious files as they are at this moment.
files_freeze() {
    files_keep "$1" "$(files_aside "$1" "$2")"
}

# files_keep FROM TO: attachments and models are written once and never changed, so hard links keep them; the rest is small,
# and is copied. What is deleted meanwhile is missed by the proof, where it matters.
files_keep() {
    local from=$1 to=$2 entry uploads
    uploads=$(uploads_directory)
    rm -rf "$to"
    mkdir -p "$to"
    while IFS= read -r -d '' entry; do
        is_precious "$entry" || continue
        if ! is_linked "$entry" "$uploads" || ! files_link "$from/$entry" "$to"; then
            files_copy "$from/$entry" "$to"
        fi
    done < <(find "$from" -mindepth 1 -maxdepth 1 -printf '%f\0')
}

# is_linked ENTRY UPLOADS: of the data directory; attachments may lie deeper in it.
is_linked() {
    [[ $1 == models || $1 == "${2%%/*}" ]]
}

# Bytes that `files_keep` copies of the data directory.
files_copied() {
    local data=$1 entry uploads
    local -a copied=()
    uploads=$(uploads_directory)
    while IFS= read -r -d '' entry; do
        ! is_precious "$entry" || is_linked "$entry" "$uploads" || copied+=("$data/$entry")
    done < <(find "$data" -mindepth 1 -maxdepth 1 -printf '%f\0')
    if ((${#copied[@]} == 0)); then
        echo 0
    else
        # What goes meanwhile is no failure.
        { du -scB1 "${copied[@]}" 2>/dev/null || true; } | tail -n 1 | cut -f1
    fi
}

# files_fill FROM TO: what is missing there, as links where that can be. Entry by entry, as the directory that holds them is ours in the one
# place and not in the other.
files_fill() {
    local entry
    while IFS= read -r -d '' entry; do
        # Its status tells in some releases that files were there already.
        cp -aln "$1/$entry" "$2/" 2>/dev/null || cp -an "$1/$entry" "$2/" 2>/dev/null || true
    done < <(find "$1" -mindepth 1 -maxdepth 1 -printf '%f\0')
}

# Fails (returns 1) where hard links can't be made, as between file systems.
files_link() {
    cp -al "$1" "$2/" 2>"$WORK/freeze" || ! grep -qv 'No such file or directory' "$WORK/freeze"
}

files_copy() {
    rm -rf "${2:?}/$(basename "$1")"
    cp -a "$1" "$2/" 2>"$WORK/freeze" || ! grep -qv 'No such file or directory' "$WORK/freeze" ||
        fail "the files in $1 can't be copied ($(last_words "$WORK/freeze"))."
}

# files_swap DATA IN OUT: what is kept as IN takes the place of what is there, which is kept as OUT. The model stays: it never
# changes. Every move is a rename; interrupted anywhere, it can be done again to its end, or undone.
files_swap() {
    local data=$1 in out entry
    in=$(files_aside "$data" "$2")
    out=$(files_aside "$data" "$3")
    mkdir -p "$out"
    if [[ ! -e $out/.whole ]]; then
        files_move "$data" "$out" || return 1
        touch "$out/.whole"
        sync -f "$out"
    fi
    files_move "$in" "$data" || return 1
    sync -f "$data"
}

# files_swap_back DATA IN OUT: undoes it, however far it came.
files_swap_back() {
    local data=$1 in out
    in=$(files_aside "$data" "$2")
    out=$(files_aside "$data" "$3")
    [[ -d $out ]] || return 0
    mkdir -p "$in"
    if [[ -e $out/.whole ]]; then
        files_move "$data" "$in" || return 1
        rm "$out/.whole"
        sync -f "$out"
    fi
    files_move "$out" "$data" || return 1
    sync -f "$data"
    rm -rf "$out"
}

# files_move FROM TO: each precious entry. The model stays where it is, as it never changes, and comes in where there is none.
files_move() {
    local entry
    while IFS= read -r -d '' entry; do
        if ! is_precious "$entry" || [[ $entry == .whole || ($entry == models && ($1 != */.specivo-upgrade/* || -e $2/models)) ]]; then
            continue
        fi
        mv -T "$1/$entry" "$2/$entry" || return 1
    done < <(find "$1" -mindepth 1 -maxdepth 1 -printf '%f\0')
}
