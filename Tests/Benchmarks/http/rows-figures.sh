# The rows of bench-http's table that are not about speed: work, memory and time per request, per
# connection and per start. Sourced, not run.
# shellcheck shell=bash
# The arrays are those of servers.sh and measure.sh:
# shellcheck disable=SC2154

row_instructions() {
    local what="instructions without the kernel"
    if ! command -v valgrind >/dev/null; then
        line_skipped "$what" "valgrind is not installed"
        return
    fi
    while IFS=: read -r request number; do
        line_of_bound "$what, $request" "${number# }" ""
    done < <(Tests/Benchmarks/instructions "$programs")
}

# Allocations of the parser alone, by a program that does nothing else.
line_of_parser() {
    local what="allocations per request, parser" loop=.build-benchmarks/release/ParserLoop
    if ! BENCHMARKS=1 swift build -c release --product ParserLoop -Xswiftc -enable-testing \
        --scratch-path .build-benchmarks >"$stage/loop.log" 2>&1; then
        line_skipped "$what" "$(tail -n 1 "$stage/loop.log")"
        return
    fi
    local once twice
    once=$(parsed 10000)
    twice=$(parsed 20000)
    line_of_bound "$what" "$(awk -v count=$((twice - once)) \
        'BEGIN { printf "%.1f", count / 10000 }')" 0
}

# What the loop allocates for so many requests.
parsed() {
    head -c 8 /dev/zero >"$count_file"
    LD_PRELOAD=$counter ALLOCATION_COUNT_FILE=$count_file "$loop" "$1"
    counted
}

counted() { od -An -tu8 "$count_file" | tr -d ' '; }

# Allocations of the whole daemon between two moments, divided by the requests between them.
row_allocations() {
    local what="allocations per GET /, all" counter=$stage/count-allocations.so
    if ! clang -O2 -fPIC -shared -o "$counter" Tests/Benchmarks/http/count-allocations.c \
        >"$stage/cc.log" 2>&1; then
        line_skipped "$what" "no clang, which comes with Swift"
        return
    fi
    local count_file=$stage/allocations pid_before=${#stage_pids[@]} first second third
    head -c 8 /dev/zero >"$count_file"
    # A backup at the start would be counted with the requests.
    stage_service "$programs" BACKUP_INTERVAL_HOURS=0 LD_PRELOAD="$counter" \
        ALLOCATION_COUNT_FILE="$count_file"
    ask() { curl -fsS -o /dev/null "$service_url/#[1-$1]"; }
    # So would be what the start still does in the background.
    sleep 1
    ask 1000
    first=$(counted)
    ask 1000
    second=$(counted)
    ask 2000
    third=$(counted)
    kill -TERM "${stage_pids[pid_before]}"
    line_of_parser
    # What a connection costs is in both differences, and so drops out.
    line_of_bound "$what" "$(awk -v one=$((second - first)) -v two=$((third - second)) \
        'BEGIN { printf "%.1f", (two - one) / 1000 }')" 8
}

# KiB that each of 5,000 connections adds, each of which has asked once.
kib_per_connection() {
    local server=$1 count=5000 before after word
    wrk -t1 -c64 -d1s "${url[$server]}/" >/dev/null
    before=$(resident_kib "${pid[$server]}")
    coproc holder { Tests/Benchmarks/http/hold-connections "${url[$server]##*:}" "$count"; }
    read -r word <&"${holder[0]}" || word=
    after=$(resident_kib "${pid[$server]}")
    if [[ $word != held ]]; then
        echo "-"
    else
        awk -v kib=$((after - before)) -v count="$count" 'BEGIN { printf "%.1f", kib / count }'
    fi
    # Its standard input ends, and so does it.
    eval "exec ${holder[1]}>&-"
    wait "$holder_PID" 2>/dev/null || true
}

row_idle() {
    local what="KiB per idle connection (of 5,000)" peers ours
    if ! command -v python3 >/dev/null; then
        line_skipped "$what" "python3 is not installed"
        return
    fi
    start_ours
    start_nginx
    ours=$(kib_per_connection ours)
    peers="$(kib_per_connection nginx) nginx"
    if start_node; then peers+=", $(kib_per_connection node) Node"; fi
    line_of_bound "$what" "$ours" 4 "$peers"
}

# Before anything was asked, but after a while: background work has settled.
row_memory() {
    local kib fresh=${#stage_pids[@]}
    stage_service "$programs"
    curl -fsS -o /dev/null "$service_url/health"
    sleep 1
    kib=$(resident_kib "${stage_pids[fresh]}")
    kill -TERM "${stage_pids[fresh]}"
    start_nginx
    line_of_bound "resident memory, idle, MiB" \
        "$(awk -v kib="$kib" 'BEGIN { printf "%.1f", kib / 1024 }')" 32 \
        "$(($(resident_kib "${pid[nginx]}") / 1024)) nginx"
}

# Milliseconds from before fork and exec until a connection is accepted.
measure_start() {
    local port began folder=$stage/start
    port=$(free_port)
    mkdir -p "$folder"
    began=$EPOCHREALTIME
    if [[ $1 == ours ]]; then
        (cd "$folder" && exec env -i PATH="$PATH" API_HOST=127.0.0.1 API_PORT="$port" \
            "$absolute_programs/download-service") 2>/dev/null &
    else
        sed "s/listen 127.0.0.1:[0-9]*/listen 127.0.0.1:$port/; s/nginx.pid/start.pid/" \
            "$stage/nginx.conf" >"$stage/start.conf"
        began=$EPOCHREALTIME
        nginx -c "$stage/start.conf" 2>/dev/null &
    fi
    local process=$!
    until { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
        kill -0 "$process" 2>/dev/null || break
    done
    awk -v began="$began" -v ended="$EPOCHREALTIME" \
        'BEGIN { printf "%.1f\n", (ended - began) * 1000 }'
    exec 3>&-
    kill -TERM "$process"
    wait "$process" 2>/dev/null || true
}

row_start() {
    local absolute_programs
    absolute_programs=$(cd "$programs" && pwd)
    start_nginx
    in_turns measure_start ours nginx
    line_of_bound "ready after exec, ms" "${median_of[ours]}" 50 "${median_of[nginx]} nginx"
}
