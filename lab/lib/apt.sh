# shellcheck shell=bash
# The Debian archive as this machine reaches it: address, proxy and certificates come from its own apt settings.

# debian_archive: prints the address of the archive that this machine takes its own release from.
debian_archive() {
    local codename uri
    codename=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
    uri=$(archive_of "$codename")
    if [[ -z $uri ]]; then
        # Which archive is Debian's is known from its index only.
        apt-get -qq update >&2
        uri=$(archive_of "$codename")
    fi
    [[ -n $uri ]] || die "apt on this machine knows no Debian archive; the lab needs Debian 12 or 13"
    printf '%s\n' "${uri%/}"
}

archive_of() {
    # shellcheck disable=SC2016 # apt's own placeholders
    apt-get indextargets --format '$(ORIGIN) $(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
        awk -v release="$1" '$1 == "Debian" && $2 == release && $3 == "main" { print $4; exit }'
}

# apt_settings: how this machine's apt reaches its archive, as lines of apt.conf.
apt_settings() { apt-config dump | grep -E '^Acquire::(http|https|Check-)[^ ]* ".+";$' || true; }

# private_apt: an apt of our own with Debian 13 beside the system's release, at a priority that upgrades nothing.
private_apt() {
    local dir=$LAB/apt archive
    archive=$(debian_archive)
    rm -rf "$dir/sources"
    mkdir -p "$dir/sources" "$dir/lists/partial" "$dir/archives/partial"
    cp -a /etc/apt/sources.list.d/. "$dir/sources/" 2>/dev/null || true
    if [[ -s /etc/apt/sources.list ]]; then cp /etc/apt/sources.list "$dir/sources/system.list"; fi
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive trixie main" \
        >"$dir/sources/lab-trixie.list"
    printf 'Package: *\nPin: release n=trixie\nPin-Priority: 100\n' >"$dir/preferences"
    cat >"$dir/apt.conf" <<CONF
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$dir/sources";
Dir::Etc::Preferences "$dir/preferences";
Dir::State::Lists "$dir/lists";
Dir::Cache::Archives "$dir/archives";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$dir/apt.conf
    apt-get -qq update
}
