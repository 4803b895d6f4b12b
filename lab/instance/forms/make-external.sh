# shellcheck shell=bash
# Like `make`, with PostgreSQL and Redis elsewhere, and that told in .env.local alone, as upstream's docs have it. Plain
# `docker compose up` would start the application on the bundled database, which is empty.
# shellcheck source=../lib/elsewhere.sh
. "$SOURCE/lib/elsewhere.sh"
# shellcheck source=make.sh
. "$SOURCE/forms/make.sh"

install_form() {
    begin_instance /opt/specivo specivo 9933
    start_elsewhere
    configure
    sed -i '/^DATABASE_URL=/d; /^REDIS_URL=/d' .env
    set_value DATABASE_URL "$DATABASE_ELSEWHERE" .env.local
    set_value REDIS_URL "$REDIS_ELSEWHERE" .env.local
    start make up
    fill
    end_instance
}
