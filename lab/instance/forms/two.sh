# shellcheck shell=bash
# Two instances on one host, each with its own directory, project, port and data: same tables, another name in them.

install_form() {
    install_one /opt/specivo specivo 9933
    install_one /opt/tracker tracker 9934
}

install_one() {
    begin_instance "$@"
    place_files stack
    start_with_compose
    create_admin
    fill
    run_sql <<<"UPDATE settings SET value = '$PROJECT' WHERE key = 'brand_name'"
    end_instance
}
