# shellcheck shell=bash
# Files of the first public releases, with the image of any: db and redis only by their profiles, settings only by
# env_file (so that .env.local counts), and an nginx that looks the address of api up once.

install_form() {
    begin_instance /opt/specivo specivo 9933
    place_files stack-first
    if has_json_origins; then set_value CORS_ORIGINS "[\"http://localhost:$PORT\"]"; fi
    set_value SECRET_KEY "$(od -An -v -tx1 -N 64 /dev/urandom | tr -d ' \n')" .env.local
    start_with_compose
    create_admin
    fill
    end_instance
}

# has_json_origins: releases since 0.1.6 refuse origins that are no JSON, so whoever put such an image on had to change it.
has_json_origins() { [[ $(printf '%s\n' 0.1.6 "$VERSION" | sort -V | head -n 1) == 0.1.6 ]]; }
