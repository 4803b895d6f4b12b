# shellcheck shell=bash
# As `make configure` and `make up` install it: the wizard's .env, SECRET_KEY in .env.local alone, and values of both
# files exported. Plain `docker compose up` would give the application the key that everybody knows.

install_form() {
    begin_instance /opt/specivo specivo 9933
    configure
    start make up
    fill
    end_instance
}

# configure: answers the wizard, then does what its administrators had to do by hand: origins as JSON, a pinned version.
configure() {
    cp -R "$SOURCE/stack/." .
    rm env.example
    make configure <<ANSWERS
$PROJECT
admin
admin@example.org
$(<"$ADMIN_PASSWORD")


$PORT

ANSWERS
    set_value CORS_ORIGINS "[\"http://localhost:$PORT\"]"
    set_value SPECIVO_VERSION "$VERSION"
}
