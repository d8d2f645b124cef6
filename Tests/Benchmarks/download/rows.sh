# The rows of bench-download's table. Sourced, not run.
# shellcheck shell=bash
# The variables are those of stage.sh, measure.sh, contestants.sh and bench-download:
# shellcheck disable=SC2034,SC2154

# Measures a corpus with ours and the contestants after it; sets median_of and cpu_of.
compare() {
    local name
    measured=$1
    shift
    list_corpus "$measured"
    rm -f "$stage"/cpu.*
    [[ -n ${service_pid:-} ]] || start_ours "$upstream"
    local contestants=(ours cp curl "$@")
    ! command -v aria2c >/dev/null || contestants+=(aria2c)
    [[ -z $tardis_dev ]] || contestants+=(tardis_dev)
    in_turns measure_download "${contestants[@]}"
    for name in "${contestants[@]}"; do cpu_of[$name]=$(median <"$stage/cpu.$name"); done
}
declare -A cpu_of

# One line of seconds against a peer, which may be missing; $3 is the goal, if there is one.
line_against() {
    local what="$measured corpus, s"
    if [[ -z ${median_of[$1]:-} ]]; then
        line_skipped "$what, against $2" "it is not here"
    elif [[ -n ${3:-} ]]; then
        line_of_ratio "$what" "${median_of[ours]}" "${median_of[$1]}" "$2" '<=' "$3"
    else
        line_of_peer "$what" "${median_of[ours]}" "${median_of[$1]}" "$2"
    fi
}

# What this machine allows: the disk, and proving on all cores at once without anything else.
line_of_limit() {
    local bytes inflating hashing folder=$corpus/v1/${exchange_of[$measured]}
    if ! command -v igzip >/dev/null || ! command -v openssl >/dev/null; then
        echo "  limit: not known; apt-get install isal openssl"
        return
    fi
    local TIMEFORMAT='%U'
    { time find "$folder" -name '*.gz' -exec igzip -t {} + >"$stage/igzip.log" 2>&1; } \
        2>"$stage/time"
    inflating=$(<"$stage/time")
    { time find "$folder" -name '*.gz' -exec openssl sha256 {} + >"$stage/sha.log" 2>&1; } \
        2>"$stage/time"
    hashing=$(<"$stage/time")
    bytes=$(corpus_bytes "$measured")
    awk -v inflating="$inflating" -v hashing="$hashing" -v copying="${median_of[cp]}" \
        -v fetching="${cpu_of[curl]}" -v cores="$(nproc)" -v ours="${median_of[ours]}" \
        -v bytes="$bytes" -v used="${cpu_of[ours]}" 'BEGIN {
            limit = (inflating + hashing + fetching) / cores
            if (limit < copying) limit = copying
            printf "  limit: cp %.2f s; one core inflates in %.2f s (igzip), hashes in %.2f s " \
                "(openssl), fetches in %.2f s (curl)\n  %d cores: %.2f s at best, ours takes " \
                "%.2f times that; CPU of ours %.2f s, %.1f s per GiB\n", copying, inflating,
                hashing, fetching, cores, limit, ours / limit, used, used / bytes * 2 ^ 30 }'
}

row_small() {
    compare small
    line_against curl "curl" 2.5
    line_against tardis_dev tardis-dev 0.4
    line_against aria2c aria2c
    line_against cp "cp -r"
    line_of_limit
}

row_large() {
    compare large curl_checked
    line_against curl curl 2
    line_against curl_checked "and checks" 0.4
    line_against tardis_dev tardis-dev
    line_against aria2c aria2c
    line_against cp "cp -r"
    line_of_bound "large corpus, CPU s per GiB" "$(per_gib "${cpu_of[ours]}")" 7.5 \
        "$(per_gib "${cpu_of[curl]}") curl"
    line_of_limit
}

per_gib() {
    awk -v seconds="$1" -v bytes="$(corpus_bytes "$measured")" \
        'BEGIN { printf "%.2f", seconds / bytes * 2 ^ 30 }'
}

# The most of all services that the rows before have used.
row_memory() {
    if [[ $peak_resident == 0 ]]; then
        line_skipped "peak resident MiB" "only behind the rows small and large"
        return
    fi
    line_of_bound "peak resident MiB in any of the above" "$peak_resident" 64
}

# Starts the upstream that waits $1 milliseconds before each answer; sets delayed_url.
start_delayed() {
    rm -f "$stage/first" "$stage/delayed.log"
    if ! BENCHMARKS=1 swift build -c release --static-swift-stdlib --product DelayedFiles \
        >"$stage/delayed-build.log" 2>&1; then
        tail -n 3 "$stage/delayed-build.log" >&2
        return 1
    fi
    .build/release/DelayedFiles "$(cd "$corpus" && pwd)" "$1" "$stage/first" \
        >"$stage/delayed.log" 2>&1 &
    stage_pids+=("$!")
    stage_await "$stage/delayed.log" '^[0-9]' "$!"
    delayed_url=http://127.0.0.1:$(<"$stage/delayed.log")/v1
}

row_latency() {
    local latency_ms=50 concurrency=16 ideal
    [[ -z ${service_pid:-} ]] || end_ours
    start_delayed $latency_ms
    start_ours "$delayed_url"
    measured=small
    in_turns measure_download ours
    end_ours
    ideal=$(awk -v files="${file_count_of[small]}" -v latency=$latency_ms \
        -v concurrency=$concurrency 'BEGIN { printf "%.3f", files * latency / 1000 / concurrency }')
    line_of_ratio "small corpus, $latency_ms ms before each answer, s" "${median_of[ours]}" \
        "$ideal" "latency" '<=' 1.15
    service_pid=
}

# The small corpus under a limit of bytes per second that makes it last ten seconds: how far the
# rate is from it, from POST /download to completion, the whole of every file counted.
row_rate() {
    local bytes limit
    [[ -z ${service_pid:-} ]] || end_ours
    measured=small
    bytes=$(find "$corpus/v1/${exchange_of[small]}" -name '*.gz' -printf '%s\n' |
        awk '{ sum += $1 } END { printf "%d", sum }')
    limit=$((bytes / 10))
    ours_settings=(UPSTREAM_BYTES_PER_SECOND_MAX="$limit")
    start_ours "$upstream"
    in_turns measure_download ours
    end_ours
    ours_settings=()
    line_of_bound "bytes per second off the limit, %" \
        "$(awk -v bytes="$bytes" -v wall="${median_of[ours]}" -v limit="$limit" 'BEGIN {
            off = (bytes / wall / limit - 1) * 100
            printf "%.2f", off < 0 ? -off : off }')" 5 "limit $limit B/s"
    service_pid=
}

# A job of 100,000 files before an upstream that lets everybody wait: from POST /download to the
# first request for a file, which comes after the first piece of the plan has been committed, and to
# the commit of the last piece.
row_expansion() {
    [[ -z ${service_pid:-} ]] || end_ours
    start_delayed 60000
    start_ours "$delayed_url"
    in_turns measure_first_request ours
    line_of_bound "100,000 files, POST to the first request, s" "${median_of[ours]}" 1.0
    in_turns measure_expansion ours
    line_of_bound "100,000 files, POST to their expansion, s" "${median_of[ours]}" 2.0
    line_of_bound "peak resident MiB with that job" "$peak_mib" 96
}

measure_first_request() {
    local began tries
    submit_many
    for ((tries = 0; tries < 1000; tries++)); do
        [[ ! -s $stage/first ]] || break
        sleep 0.02
    done
    [[ -s $stage/first ]] || tail -n 3 "$stage/service.log" >&2
    awk -v began="$began" '{ printf "%.3f\n", $1 - began }' "$stage/first"
}

measure_expansion() {
    local began tries
    submit_many
    for ((tries = 0; tries < 1000; tries++)); do
        curl -fsS "$service_url/jobs/1/files?limit=1" -H 'X-Username: bench' > "$stage/files"
        ! grep -q '"total":100000' "$stage/files" || break
        sleep 0.02
    done
    awk -v began="$began" -v now="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", now - began }'
    peak_mib=$(resident_peak_mib "$service_pid")
}

# Submits the job to a new service each time: jobs in the making would take turns. Sets began.
submit_many() {
    local symbols
    end_ours
    rm -f "$stage/first"
    start_ours "$delayed_url"
    symbols=$(printf ',"COIN%03dUSDT"' {0..99})
    began=$EPOCHREALTIME
    curl -fsS -o "$stage/submitted" "$service_url/download" -H 'X-Username: bench' \
        -H 'Content-Type: application/json' -d '{"exchange":"bybit","data_types":["trades"],
            "symbols":['"${symbols:1}"'],"start_date":"2021-01-01","end_date":"2023-09-27"}'
}
