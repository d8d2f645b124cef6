# HTTP/2 against HTTP/1.1, both by curl over TLS from the same nginx, since the service has only the
# latter: what it would gain. Sourced after contestants.sh, not run.
# shellcheck shell=bash
# The variables are those of stage.sh, measure.sh, contestants.sh and bench-download:
# shellcheck disable=SC2034,SC2154

# Serves the corpora over TLS, in both protocols; sets secure_url.
start_secure_nginx() {
    local port
    port=$(free_port)
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 \
        -keyout "$stage/nginx.key" -out "$stage/nginx.crt" 2>"$stage/openssl.log" || return 1
    sed -e "s|listen 127.0.0.1:[0-9]* reuseport|listen 127.0.0.1:$port ssl http2 reuseport|" \
        -e "s|pid $stage/nginx.pid|pid $stage/nginx-secure.pid|" \
        -e "s|root |ssl_certificate $stage/nginx.crt; ssl_certificate_key $stage/nginx.key; root |" \
        "$stage/nginx.conf" >"$stage/nginx-secure.conf"
    nginx -c "$stage/nginx-secure.conf" 2>"$stage/nginx-secure.log" &
    stage_pids+=("$!")
    until { : >"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
        kill -0 "$!" || return 1
        sleep 0.1
    done
    secure_url=https://127.0.0.1:$port/v1
}

# Seconds for the corpus $measured in the protocol $1, `http1.1` or `http2`.
measure_protocol() {
    local count TIMEFORMAT='%R'
    out=$stage/out/$((++runs))
    mkdir -p "$out"
    sync
    { time (cd "$out" && curl --no-progress-meter --insecure "--$1" --parallel \
        --parallel-max 16 -K "$stage/secure.list" >"$stage/curl.log" 2>&1); } 2>"$stage/time"
    count=$(find "$out" -name '*.gz' | wc -l)
    if [[ $count != "${file_count_of[$measured]}" ]]; then
        echo "$1 brought $count files, not ${file_count_of[$measured]}" >&2
        return 1
    fi
    [[ $measured == small ]] || rm -rf "$out"
    cat "$stage/time"
}

row_http2() {
    local what="HTTP/2 for the ..., curl over TLS, s"
    if ! curl --version | grep -q HTTP2 || ! nginx -V 2>&1 | grep -q http_v2 ||
        ! command -v openssl >/dev/null || ! start_secure_nginx; then
        line_skipped "$what" "curl, nginx or openssl cannot do it here"
        return
    fi
    for measured in small large; do
        list_corpus "$measured"
        sed "s|$upstream|$secure_url|" "$stage/curl.list" >"$stage/secure.list"
        in_turns measure_protocol http2 http1.1
        line_of_peer "HTTP/2 for the $measured corpus, curl over TLS, s" "${median_of[http2]}" \
            "${median_of[http1.1]}" "HTTP/1.1"
    done
}
