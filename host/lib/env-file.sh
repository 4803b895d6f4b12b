# The version pin in .env. Everything but the one value stays as it is, byte for byte.

readonly PIN_LINE='^[[:space:]]*(export[[:space:]]+)?SPECIVO_VERSION[[:space:]]*[=:]'

# The number of the line that counts: compose takes the last one. Empty when there is none.
pin_line_number() {
    { grep -anE "$PIN_LINE" "$1" || true; } | tail -n 1 | cut -d: -f1
}

# The pinned value as written, without quotes and comment; empty when there is none.
pin_read() {
    local file=$1 line
    [[ -f $file ]] || return 0
    line=$(pin_line_number "$file")
    [[ -z $line ]] || sed -nE "${line}s/${PIN_LINE}[[:space:]]*(\"([^\"]*)\"|'([^']*)'|([^[:space:]]*)).*/\\3\\4\\5/p" "$file"
}

# pin_text FILE VERSION: the file's new content on stdout. Keeps quotes, `export`, a comment behind the value, CRLF.
pin_text() {
    local file=$1 version=$2 line
    line=$(pin_line_number "$file")
    if [[ -n $line ]]; then
        sed -E -e "${line}s/(${PIN_LINE}[[:space:]]*)\"[^\"]*\"/\\1\"$version\"/; ${line}t" \
            -e "${line}s/(${PIN_LINE}[[:space:]]*)'[^']*'/\\1'$version'/; ${line}t" \
            -e "${line}s/(${PIN_LINE}[[:space:]]*)[^[:space:]]*/\\1$version/" "$file"
    else
        pin_appended "$file" "$version"
    fi
}

# The whole file and a line behind it, with the line ends that the file has.
pin_appended() {
    local file=$1 version=$2 eol=
    if head -n 1 "$file" | grep -q $'\r$'; then eol=$'\r'; fi
    cat "$file" || return 1
    if [[ -s $file && -n $(tail -c 1 "$file") ]]; then printf '%s\n' "$eol"; fi
    printf 'SPECIVO_VERSION=%s%s\n' "$version" "$eol"
}

# replace_file FILE NEW: puts NEW's content in FILE's place in one step; owner, mode and a symbolic link stay. Either all of it
# happened or the file is as it was, and the status says which: recovery runs it without `set -e`.
replace_file() {
    local file new=$2 temporary=
    if file=$(readlink -f "$1") && temporary=$(mktemp "${file%/*}/.env.new.XXXXXX") && cp -p "$file" "$temporary" &&
        cat "$new" >"$temporary" && sync "$temporary" && mv -f "$temporary" "$file" && sync "${file%/*}"; then
        return 0
    fi
    [[ -z $temporary ]] || rm -f "$temporary"
    return 1
}
