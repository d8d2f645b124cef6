# Functions for scripts that need a service of their own: programs started in a temporary folder, on
# free ports, and ended by their process ids. Sourced, not run.
# shellcheck shell=bash
# What the functions set is read by the scripts:
# shellcheck disable=SC2034

stage=$(mktemp -d "${TMPDIR:-/tmp}/download-service.XXXXXX")
stage_pids=()

# Ends what was started, and waits for it: TERM for ten seconds, then KILL.
stage_end() {
    local pid tries
    for pid in "${stage_pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || continue
        for ((tries = 0; tries < 100; tries++)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    stage_pids=()
}

# Waits until a file has a line that matches; $3 is the process that is to write it.
stage_await() {
    local file=$1 pattern=$2 pid=$3 tries
    for ((tries = 0; tries < 300; tries++)); do
        grep -q "$pattern" "$file" 2>/dev/null && return
        if ! kill -0 "$pid" 2>/dev/null; then break; fi
        sleep 0.1
    done
    echo "It did not start:" >&2
    cat "$file" >&2
    return 1
}

# Starts the stand-in upstream in $1/tardis-sandbox with further arguments; sets sandbox_url.
stage_sandbox() {
    local programs=$1 pid port
    shift
    "$programs/tardis-sandbox" --port 0 --storage-port 0 "$@" >"$stage/sandbox.log" 2>&1 &
    pid=$!
    stage_pids+=("$pid")
    stage_await "$stage/sandbox.log" '"port":' "$pid"
    port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$stage/sandbox.log")
    sandbox_url=http://127.0.0.1:$port
}

# Starts the service in $1/download-service with further NAME=value settings; sets service_url.
# Nothing but these settings reaches it: neither this shell's variables nor a .env. Its database is
# its own, since one service works on one, unless a setting names another.
stage_service() {
    local programs=$1 pid port
    shift
    mkdir -p "$stage/service"
    programs=$(cd "$programs" && pwd)
    (cd "$stage/service" && exec env -i PATH="$PATH" API_HOST=127.0.0.1 API_PORT=0 LOG_FORMAT=json \
        DATABASE_URL="data/service-${#stage_pids[@]}.db" "$@" "$programs/download-service") 2>"$stage/service.log" &
    pid=$!
    stage_pids+=("$pid")
    stage_await "$stage/service.log" '"message":"listening"' "$pid"
    port=$(sed -n 's/.*"message":"listening".*"port":\([0-9]*\).*/\1/p' "$stage/service.log")
    service_url=http://127.0.0.1:$port
}
