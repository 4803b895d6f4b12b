# shellcheck shell=bash
# PostgreSQL and Redis elsewhere, told by DATABASE_URL and REDIS_URL in .env. The bundled ones run beside, empty.
# shellcheck source=../lib/elsewhere.sh
. "$SOURCE/lib/elsewhere.sh"

install_form() {
    begin_instance /opt/specivo specivo 9933
    start_elsewhere
    place_files stack
    set_value DATABASE_URL "$DATABASE_ELSEWHERE"
    set_value REDIS_URL "$REDIS_ELSEWHERE"
    start_with_compose
    create_admin
    fill
    end_instance
}
