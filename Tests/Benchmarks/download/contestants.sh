# Who downloads, from where, and how it is measured. Sourced after stage.sh and measure.sh, not run.
# shellcheck shell=bash
# The variables are those of stage.sh, measure.sh and bench-download:
# shellcheck disable=SC2034,SC2154

# By corpus: what a job asks for, and how many files that makes.
declare -A exchange_of=([small]=binance [large]=binance-futures)
declare -A symbols_of=([small]="BTCUSDT ETHUSDT SOLUSDT" [large]=BTCUSDT)
declare -A last_day_of=([small]=2024-12-31 [large]=2024-01-12)
declare -A file_count_of=([small]=1098 [large]=12)

# Where the present run puts its files: a new folder each time.
out=
runs=0
# Any: nobody here looks at it.
readonly key=TD.benchmark

free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# Serves the corpora in Tardis's layout; sets upstream.
start_nginx() {
    local port user=
    port=$(free_port)
    # Its workers would be somebody who cannot read the stage.
    ((EUID != 0)) || user="user root;"
    cat >"$stage/nginx.conf" <<CONF
daemon off;
$user
pid $stage/nginx.pid;
worker_processes 2;
error_log $stage/nginx.error.log;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 100000000;
    sendfile on;
    client_body_temp_path $stage/nginx.body;
    proxy_temp_path $stage/nginx.proxy;
    fastcgi_temp_path $stage/nginx.fastcgi;
    uwsgi_temp_path $stage/nginx.uwsgi;
    scgi_temp_path $stage/nginx.scgi;
    server {
        listen 127.0.0.1:$port reuseport;
        root $(cd "$corpus" && pwd);
    }
}
CONF
    nginx -c "$stage/nginx.conf" 2>"$stage/nginx.log" &
    stage_pids+=("$!")
    upstream=http://127.0.0.1:$port/v1
    until { : >"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
        kill -0 "$!" || return
        sleep 0.1
    done
}

# The official client, kept between runs; sets tardis_dev to its interpreter, or to nothing.
find_tardis_dev() {
    local folder=.build/peers/tardis-dev
    tardis_dev=$folder/bin/python3
    "$tardis_dev" -c 'import tardis_dev' 2>/dev/null && return
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" install -q tardis-dev; } \
        >"$stage/pip.log" 2>&1; then
        echo "without tardis-dev: it cannot be installed ($(tail -n 1 "$stage/pip.log"))"
        tardis_dev=
    fi
}

# Starts ours before the upstream $1; sets service_url and service_pid.
start_ours() {
    # The former one's would be taken for this one's.
    rm -f "$stage/service.log"
    stage_service "$programs" TARDIS_DATASETS_URL="$1" TARDIS_API_URL="$1" TARDIS_API_KEY=$key \
        DEFAULT_OUTPUT_PATH="$stage/out" DATABASE_URL="$stage/service/$((++services)).db" \
        "${ours_settings[@]}"
    service_pid=${stage_pids[-1]}
    ours_upstream=$1
}
services=0
# What it is told besides.
ours_settings=()
# The most that any of them had resident so far, in MiB.
peak_resident=0

end_ours() {
    kill -TERM "$service_pid"
    wait "$service_pid" || true
}

# The job of a corpus, for POST /download.
job_body() {
    local symbols=${symbols_of[$1]}
    printf '{"exchange":"%s","data_types":["trades"],"symbols":["%s"],"start_date":"2024-01-01",
        "end_date":"%s","output_path":"%s"}' "${exchange_of[$1]}" "${symbols// /\",\"}" \
        "${last_day_of[$1]}" "$out"
}

# Lists what a corpus consists of, for curl and aria2c.
list_corpus() {
    local folder=${exchange_of[$1]} path name
    rm -f "$stage/curl.list" "$stage/aria2c.list"
    (cd "$corpus/v1" && find "$folder" -name '*.gz' | sort) | while read -r path; do
        name=${path//\//_}
        printf 'url = "%s/%s"\noutput = "%s"\n' "$upstream" "$path" "$name" >>"$stage/curl.list"
        printf '%s/%s\n out=%s\n' "$upstream" "$path" "$name" >>"$stage/aria2c.list"
    done
}

corpus_bytes() { du -sb "$corpus/v1/${exchange_of[$1]}" | cut -f 1; }

# MARK: The contestants, each with the corpus $1

run_cp() { cp -r "$corpus/v1/${exchange_of[$1]}" "$out"; }

run_curl() {
    (cd "$out" && curl --no-progress-meter --parallel --parallel-max 16 -K "$stage/curl.list")
}

# What a careful user does; on all cores.
run_curl_checked() {
    run_curl "$1"
    find "$out" -name '*.gz' -print0 | xargs -0 -n 1 -P "$(nproc)" gzip -t
    find "$out" -name '*.gz' -print0 | xargs -0 -n 1 -P "$(nproc)" sha256sum
}

run_aria2c() {
    aria2c -q -i "$stage/aria2c.list" -d "$out" -j 16 -x 1 --file-allocation=none
}

run_tardis_dev() {
    "$tardis_dev" -c 'import sys; from datetime import date, timedelta; import tardis_dev
exchange, symbols, last, endpoint, out = sys.argv[1:]
end = date.fromisoformat(last) + timedelta(1)
tardis_dev.download_datasets(exchange, ["trades"], symbols.split(), "2024-01-01",
    end.isoformat(), endpoint=endpoint, download_dir=out)' "${exchange_of[$1]}" \
        "${symbols_of[$1]}" "${last_day_of[$1]}" "$upstream" "$out"
}

# Runs the contestant $1 with the corpus $measured and prints its seconds; those of the CPU go to
# the file cpu.$1.
measure_download() {
    local name=$1 wall user system
    out=$stage/out/$((++runs))
    mkdir -p "$out"
    # What others left to write would be written while this one is measured.
    sync
    if [[ $name == ours ]]; then
        # A new one each time: one that knows the files would link them instead of fetching them.
        end_ours
        start_ours "$ours_upstream"
        user=$(cpu_seconds "$service_pid")
        wall=$(Tests/Benchmarks/download/time-job "$service_url" "$(job_body "$measured")")
        cpu_seconds "$service_pid" | awk -v before="$user" '{ print $1 - before }' \
            >>"$stage/cpu.ours"
        peak_resident=$(printf '%s\n' "$peak_resident" "$(resident_peak_mib "$service_pid")" |
            sort -n | tail -n 1)
    else
        local TIMEFORMAT='%R %U %S'
        { time "run_$name" "$measured" >"$stage/$name.log" 2>&1; } 2>"$stage/time"
        read -r wall user system <"$stage/time"
        awk -v user="$user" -v kernel="$system" 'BEGIN { print user + kernel }' \
            >>"$stage/cpu.$name"
    fi
    local count
    count=$(find "$out" -name '*.gz' | wc -l)
    if ((count != file_count_of[$measured])); then
        echo "$name brought $count files, not ${file_count_of[$measured]}" >&2
        return 1
    fi
    # Small files stay until the end: ext4 does not reuse an inode for minutes, and passes over all
    # that were deleted before, for each new file, which can take longer than fetching it.
    [[ $measured == small ]] || rm -rf "$out"
    echo "$wall"
}

# What a process has taken of the CPU so far, its threads included.
cpu_seconds() {
    awk -v rate="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) / rate }' \
        "/proc/$1/stat"
}

# The most that was ever resident of a process, in MiB.
resident_peak_mib() {
    awk '/^VmHWM:/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"
}
