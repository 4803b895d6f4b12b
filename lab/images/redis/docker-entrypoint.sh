#!/bin/sh
set -e

# `docker run redis --appendonly yes` and `... some.conf` mean arguments of redis-server.
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- redis-server "$@"
fi

# Started as root, the server still runs as redis, and takes over a data directory that the engine made for root.
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid redis --regid redis --clear-groups "$0" "$@"
fi

# The official image's server listens beyond loopback without a password unless told otherwise.
if [ "$1" = redis-server ]; then
    set -- "$@" --protected-mode no
fi

exec "$@"
