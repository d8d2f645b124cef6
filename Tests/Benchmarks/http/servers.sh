# Starts what bench-http compares, each on a port of 127.0.0.1, and says where it is. Sourced after
# stage.sh, not run.
# shellcheck shell=bash
# shellcheck disable=SC2154

# By name: where a server answers, and its processes' common ancestor.
declare -A url pid

# The same length as the name and state of the service that GET / tells.
readonly root_body='{"service":"Tardis Download Service","status":"running","version":"2.0.0"}'
readonly token=benchmark

free_port() {
    local port
    while port=$((20000 + RANDOM % 10000)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

# Waits until a server answers; $1 is its name.
await_answer() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        curl -s -o /dev/null "${url[$1]}" && return
        kill -0 "${pid[$1]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "$1 did not start" >&2
    return 1
}

# Ours as it is shipped, but for its JSON log, which tells the port, and limits that would stand in
# the way of clients that all have one address.
start_ours() {
    [[ -z ${url[ours]:-} ]] || return 0
    stage_service "${1:-$programs}" API_TOKEN=$token HTTP_CONNECTIONS_PER_ADDRESS_MAX=0 "${@:2}"
    url[ours]=$service_url
    pid[ours]=${stage_pids[-1]}
}

start_nginx() {
    [[ -z ${url[nginx]:-} ]] || return 0
    local port user=
    port=$(free_port)
    # Its workers would be somebody who cannot read the stage.
    ((EUID != 0)) || user="user root;"
    cat >"$stage/nginx.conf" <<CONF
daemon off;
$user
pid $stage/nginx.pid;
worker_processes 2;
worker_rlimit_nofile 20000;
error_log $stage/nginx.error.log;
events { worker_connections 8192; }
http {
    access_log $stage/nginx.access.log combined buffer=64k;
    keepalive_requests 100000000;
    sendfile on;
    client_body_temp_path $stage/nginx.body;
    proxy_temp_path $stage/nginx.proxy;
    fastcgi_temp_path $stage/nginx.fastcgi;
    uwsgi_temp_path $stage/nginx.uwsgi;
    scgi_temp_path $stage/nginx.scgi;
    server {
        listen 127.0.0.1:$port reuseport;
        default_type application/json;
        location = / { return 200 '$root_body'; }
        location = /status { return 200 '${status_body:-}'; }
        location /files/ { alias $stage/files/; }
    }
}
CONF
    nginx -c "$stage/nginx.conf" 2>"$stage/nginx.log" &
    pid[nginx]=$!
    stage_pids+=("$!")
    url[nginx]=http://127.0.0.1:$port
    await_answer nginx
}

# The peer in Swift, built once from beside the project; its port is its own choice.
start_hummingbird() {
    [[ -z ${url[hummingbird]:-} ]] || return 0
    local package=../shared/peers/swift_servers copy=.build/peers/swift_servers
    if [[ ! -x $copy/.build/release/hb ]]; then
        [[ -d $package ]] || return 1
        mkdir -p "$copy"
        cp -r "$package/." "$copy"
        swift build --package-path "$copy" -c release --product hb >"$stage/peers.log" 2>&1 ||
            return 1
    fi
    "$copy/.build/release/hb" >"$stage/hummingbird.log" 2>&1 &
    pid[hummingbird]=$!
    stage_pids+=("$!")
    url[hummingbird]=http://127.0.0.1:8301/hello
    await_answer hummingbird
}

start_node() {
    command -v node >/dev/null || return 1
    local port
    port=$(free_port)
    node -e "
        const server = require('http').createServer((request, response) => {
            response.setHeader('Content-Type', 'application/json');
            response.end('$root_body');
        });
        server.keepAliveTimeout = 75000;
        server.listen($port, '127.0.0.1', 4096);" >"$stage/node.log" 2>&1 &
    pid[node]=$!
    stage_pids+=("$!")
    url[node]=http://127.0.0.1:$port
    await_answer node
}

# Our server in the program $1 that serves the files of a folder, and nothing else.
start_files() {
    local port
    port=$(free_port)
    "$1" "$stage/files" "$port" >"$stage/files.log" 2>&1 &
    pid[files]=$!
    stage_pids+=("$!")
    url[files]=http://127.0.0.1:$port
    await_answer files
}

# A job that ends at once at the stand-in upstream; sets status_path, and the body of its status.
submit_job() {
    local reply id
    stage_sandbox "$programs"
    start_ours "$programs" "TARDIS_DATASETS_URL=$sandbox_url/v1" "TARDIS_API_URL=$sandbox_url/v1"
    reply=$(curl -fsS "${url[ours]}/download" -H "X-API-Token: $token" -H 'X-Username: bench' \
        -H 'Content-Type: application/json' -d '{"exchange":"bitmex","symbols":["XBTUSD"],
            "data_types":["trades"],"start_date":"2020-03-01","end_date":"2020-03-01"}')
    id=$(sed -nE 's/.*"(job_)?id": ?([0-9]+).*/\2/p' <<<"$reply")
    status_path=/jobs/$id/status
    for ((tries = 0; tries < 100; tries++)); do
        status_body=$(curl -fsS "${url[ours]}$status_path" -H "X-API-Token: $token" \
            -H 'X-Username: bench')
        [[ $status_body != *'"completed"'* ]] || return 0
        sleep 0.1
    done
    echo "The job did not end: $status_body" >&2
    return 1
}
