# shellcheck shell=bash
# As the docs recommend: the files as they are shipped, with the version pinned, and plain Docker Compose.

install_form() {
    begin_instance /opt/specivo specivo 9933
    place_files stack
    start_with_compose
    create_admin
    fill
    end_instance
}
