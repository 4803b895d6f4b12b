# What memory there is to be had, and what the api takes of it.

# Bytes of memory that can be had, swap included. A server that shares its kernel may have a bound of its own, where the kernel tells of
# all there is: in /sys/fs/cgroup, of which there are two versions.
memory_available() {
    local group=/sys/fs/cgroup bound=memory.max used=memory.current
    local -a files=(/proc/meminfo)
    if [[ -e $group/memory/memory.limit_in_bytes ]]; then
        group+=/memory bound=memory.limit_in_bytes used=memory.usage_in_bytes
    fi
    bound=$(cat "$group/$bound" 2>/dev/null) || bound=max
    used=$(cat "$group/$used" 2>/dev/null) || used=0
    [[ $bound == max ]] || files+=("$group/memory.stat")
    # What files take of it is given back.
    awk -v bound="$bound" -v used="$used" '
        /^(MemAvailable|SwapFree):/ { available += $2 * 1024 }
        /^(total_)?(active|inactive)_file / { cached[$1] = $2 }
        END {
            own = bound - used
            for (name in cached) if (!("total_" name in cached)) own += cached[name]
            printf "%.0f\n", (bound == "max" || own > available) ? available : own
        }' "${files[@]}"
}

# Bytes of memory that the api's main process holds; 0 when it does not run.
api_memory() {
    local pid kilobytes
    # It may have ended, or gone, by now.
    pid=$(inspect api '{{.State.Pid}}' 2>/dev/null) || true
    kilobytes=$(sed -nE 's/^VmRSS:\s+([0-9]+) kB/\1/p' "/proc/${pid:-0}/status" 2>/dev/null) || true
    echo $((${kilobytes:-0} * 1024))
}
