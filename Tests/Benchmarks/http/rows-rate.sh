# The rows of bench-http's table that compare how much servers answer, and how fast. Sourced, not
# run.
# shellcheck shell=bash
# The arrays are those of servers.sh and measure.sh:
# shellcheck disable=SC2154

# Requests per second of an address over 64 connections; further arguments are wrk's. A server that
# refuses is fast, and measures nothing.
rate() {
    wrk -t1 -c64 -d3s "${@:2}" "$1" >"$stage/wrk.log"
    if grep -q 'Non-2xx' "$stage/wrk.log"; then
        echo "$1 refuses:" >&2
        cat "$stage/wrk.log" >&2
        return 1
    fi
    sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' "$stage/wrk.log"
}

measure_root() {
    local address=${url[$1]}
    [[ $1 == hummingbird ]] || address+=/
    rate "$address"
}

row_get() {
    start_ours
    start_nginx
    local servers=(ours nginx)
    if start_hummingbird; then servers+=(hummingbird); fi
    in_turns measure_root "${servers[@]}"
    line_of_ratio "GET /, requests/s" "${median_of[ours]}" "${median_of[nginx]}" nginx '>=' 0.95
    if [[ -n ${url[hummingbird]:-} ]]; then
        line_of_ratio "GET /, requests/s" "${median_of[ours]}" "${median_of[hummingbird]}" \
            Hummingbird '>=' 1.8
    else
        line_skipped "GET /, against Hummingbird" "../shared/peers is not here, or does not build"
    fi
}

measure_pipelined() { rate "${url[$1]}/" -s Tests/Benchmarks/http/pipelined.lua; }

row_pipelined() {
    start_ours
    start_nginx
    in_turns measure_pipelined ours nginx
    line_of_ratio "GET /, 16 in a pipeline, requests/s" "${median_of[ours]}" \
        "${median_of[nginx]}" nginx '>=' 1.0
}

measure_status() {
    local path=$status_path
    [[ $1 == ours ]] || path=/status
    rate "${url[$1]}$path" -H "X-API-Token: $token" -H "X-Username: bench"
}

row_status() {
    if [[ -z ${status_path:-} ]]; then
        line_skipped "GET /jobs/ID/status" "no job; run this row first"
        return
    fi
    start_nginx
    in_turns measure_status ours nginx
    line_of_ratio "GET /jobs/ID/status, requests/s" "${median_of[ours]}" "${median_of[nginx]}" \
        nginx '>=' 0.85
}

# The 99th percentile in microseconds at a fixed rate, from h2load's list of all requests.
measure_latency() {
    rm -f "$stage/latencies"
    h2load --h1 -t1 -c64 -D3 --rps=$((latency_rate / 64)) --log-file="$stage/latencies" \
        "${url[$1]}/" >"$stage/h2load.$1.log" 2>&1
    awk '$2 == 200 { print $3 }' "$stage/latencies" | sort -n |
        awk '{ all[NR] = $1 } END { print all[int(NR * 0.99)] }'
}

row_latency() {
    start_ours
    start_nginx
    local ours nginx latency_rate
    ours=$(measure_root ours)
    nginx=$(measure_root nginx)
    # The slower one's, so that both have the same to do and neither more than half of what it can.
    latency_rate=$(((ours < nginx ? ours : nginx) / 2))
    in_turns measure_latency ours nginx
    line_of_ratio "p99 at $latency_rate requests/s, us" "${median_of[ours]}" \
        "${median_of[nginx]}" nginx '<=' 1.0
}

measure_connect() { rate "${url[$1]}/" -H "Connection: close"; }

row_connect() {
    start_ours
    start_nginx
    in_turns measure_connect ours nginx
    line_of_ratio "a connection per GET /, requests/s" "${median_of[ours]}" \
        "${median_of[nginx]}" nginx '>=' 0.9
}

# MiB per second of one file over eight connections.
measure_file() {
    rate "$(file_url "$1")" -c8 --timeout 10s >/dev/null
    awk '/requests in/ { print int($1 * 64 / $4) }' "$stage/wrk.log"
}

file_url() {
    if [[ $1 == nginx ]]; then echo "${url[nginx]}/files/64MiB"; else echo "${url[files]}/64MiB"; fi
}

row_file() {
    local server=$programs/FileServerExample what="64 MiB file, MiB/s"
    if [[ ! -x $server ]]; then
        line_skipped "$what" "$server is not built"
        return
    fi
    mkdir -p "$stage/files"
    head -c $((64 << 20)) /dev/urandom >"$stage/files/64MiB"
    start_files "$server"
    start_nginx
    in_turns measure_file files nginx
    line_of_ratio "$what" "${median_of[files]}" "${median_of[nginx]}" nginx '>=' 0.95
}
