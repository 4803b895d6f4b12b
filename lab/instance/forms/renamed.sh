# shellcheck shell=bash
# shellcheck disable=SC2034 # lib/data.sh uses PSQL
# Nothing is called, and nothing lies, as in the docs: install directory, project, port, data directory, and the
# database's name, user and password. The last has characters that must be written otherwise in a URL, and a $, which
# Compose would take for a variable without the quotes.

install_form() {
    local password="s\$cr@t:with/odd%chars#&?" encoded=s%24cr%40t%3Awith%2Fodd%25chars%23%26%3F
    begin_instance /srv/helpdesk-production helpdesk 8080
    DATA_DIR=/var/lib/helpdesk
    PSQL="docker exec -i helpdesk-db-1 psql -U helpdesk_owner -d tickets"
    claim "$DATA_DIR"
    place_files stack
    set_value SPECIVO_DATA_DIR "$DATA_DIR"
    set_value POSTGRES_USER helpdesk_owner
    set_value POSTGRES_DB tickets
    set_value POSTGRES_PASSWORD "'$password'"
    set_value DATABASE_URL "postgresql+asyncpg://helpdesk_owner:$encoded@db:5432/tickets"
    start_with_compose
    create_admin
    fill
    end_instance
}
