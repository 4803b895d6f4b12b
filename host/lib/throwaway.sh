# A PostgreSQL server of its own, beside production's and out of its reach: a loopback and no other network, a bounded share of memory, nothing
# kept. A restore that is tried out in production's own server can take that down with it.

# MB: what it gets on the smallest server, and at most; what of it no index build may take.
readonly THROWAWAY_LEAST=700 THROWAWAY_MOST=3000 THROWAWAY_BESIDE=500

throwaway_label() {
    printf 'specivo-upgrade.throwaway=%s' "$INSTANCE"
}

# throwaway_memory: MB it gets. Two thirds of what can be had: an index of vectors that fits into memory is built in a third of the time.
throwaway_memory() {
    local megabytes=$(($(memory_available) * 2 / 3000000))
    ((megabytes > THROWAWAY_LEAST)) || megabytes=$THROWAWAY_LEAST
    ((megabytes < THROWAWAY_MOST)) || megabytes=$THROWAWAY_MOST
    echo "$megabytes"
}

# Begins to start it, and returns. It gets the processors that production leaves, and is what the kernel ends when memory runs short.
# Parallel index builds have their memory in /dev/shm.
throwaway_start() {
    local memory build
    memory=$(throwaway_memory)
    build=$((memory - THROWAWAY_BESIDE))
    THROWAWAY=$(docker run --detach --label "$(throwaway_label)" --network none --memory "${memory}m" --memory-swap "${memory}m" \
        --shm-size "$((build + 64))m" --oom-score-adj 1000 --cpu-shares 128 \
        --user postgres --entrypoint sh -e PGUSER -e LC_ALL=C.UTF-8 "$(database_image)" -c '
            initdb --no-sync --auth=trust --encoding=UTF8 --username="$PGUSER" --pgdata=/var/lib/postgresql/proof >/dev/null &&
            exec postgres -D /var/lib/postgresql/proof -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off \
                -c synchronous_commit=off -c wal_level=minimal -c max_wal_senders=0 -c autovacuum=off \
                -c shared_buffers=64MB "$@"' sh -c "maintenance_work_mem=${build}MB" -c "max_parallel_maintenance_workers=$(($(nproc) - 1))" \
        2>"$WORK/throwaway") ||
        fail "a PostgreSQL server to prove the backup in could not be started ($(last_words "$WORK/throwaway"))."
}

throwaway_ready() {
    docker exec "$THROWAWAY" psql -XAtqc 'SELECT 1' postgres >/dev/null 2>&1
}

throwaway_ready_or_full() {
    throwaway_ready || disk_full
}

throwaway_wait() {
    { within 120 throwaway_ready_or_full && ! disk_full; } ||
        fail "the PostgreSQL server to prove the backup in does not start ($(docker logs --tail 3 "$THROWAWAY" 2>&1 | tr '\n' ' '))."
}

# throwaway TOOL [ARG...]: in its container, stdin passed on.
throwaway() {
    docker exec -i "$THROWAWAY" "$@"
}

# Seconds that it waits for the step that goes on with it, across a pull.
readonly THROWAWAY_WAITS=600

# throwaway_keep BACKUP: the copy of that backup stays for the next step. When nobody comes for it, it ends by itself, and its data goes.
throwaway_keep() {
    docker exec --detach "$THROWAWAY" sh -c "
        sleep $THROWAWAY_WAITS
        mkdir /tmp/taken && { rm -rf /var/lib/postgresql/proof; kill -QUIT 1; }" &&
        docker rename "$THROWAWAY" "$(throwaway_name "$1")" && THROWAWAY_KEPT=yes
}

# throwaway_take BACKUP: goes on with the copy that was kept. Fails (returns 1) when it is gone, as after a restart of the server.
throwaway_take() {
    THROWAWAY=$(docker ps -q --no-trunc --filter "label=$(throwaway_label)" --filter "name=^/$(throwaway_name "$1")\$")
    [[ -n $THROWAWAY ]] && docker exec "$THROWAWAY" mkdir /tmp/taken 2>/dev/null
}

throwaway_name() {
    printf 'specivo-upgrade-%s-%s' "$INSTANCE" "${1:0:12}"
}

# All of this instance, also those that a killed operation left, and what the rehearsal has started beside them.
throwaway_remove() {
    local ids
    ids=$(docker ps -aq --filter "label=$(throwaway_label)")
    # shellcheck disable=SC2086 # one id a word
    [[ -z $ids ]] || docker rm -fv $ids >/dev/null
}
