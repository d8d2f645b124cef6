# The rows of bench-jobs's table. Sourced, not run.
# shellcheck shell=bash
# The variables are those of stage.sh, measure.sh, servers.sh and bench-jobs:
# shellcheck disable=SC2154

readonly jobs_small=1000
readonly jobs_large=${JOBS:-1000000}
readonly jobs_running=1000

# Ends the last process that was started, and waits for it.
stage_end_last() {
    kill -TERM "${stage_pids[-1]}"
    wait "${stage_pids[-1]}" 2>/dev/null || true
    unset 'stage_pids[-1]'
}

# A service that fetches nothing: its upstream is a port where nobody listens.
start_idle_service() {
    # What an earlier one wrote must not be taken for the new one's word that it listens.
    rm -f "$stage/service.log"
    stage_service "$programs" DATABASE_URL="$1" API_TOKEN="$token" \
        TARDIS_DATASETS_URL=http://127.0.0.1:9/v1 TARDIS_API_URL=http://127.0.0.1:9/v1
}

# A database with $2 ended and $3 running jobs in $1, its schema made by the service itself.
make_database() {
    [[ ! -e $1 ]] || return 0
    start_idle_service "$1"
    stage_end_last
    sqlite3 "$1" -cmd ".parameter init" -cmd ".parameter set :ended $2" \
        -cmd ".parameter set :running $3" <Tests/Benchmarks/jobs/fill.sql >/dev/null
}

row_submit() {
    if [[ -x Tests/Benchmarks/bench-submit ]]; then
        Tests/Benchmarks/bench-submit "$programs"
    else
        line_skipped "POST /download, jobs/s" "there is no bench-submit here"
    fi
}

# What row_status of bench-http does, with the goal of this table.
row_status() {
    submit_job
    start_nginx
    in_turns measure_status ours nginx
    line_of_ratio "GET /jobs/{id}/status, requests/s" "${median_of[ours]}" \
        "${median_of[nginx]}" nginx '>=' 0.9
}

# Every filter, first, middle and last page: the worst of them counts.
row_list() {
    local small large ours peer what
    make_database "$stage/small.db" "$jobs_small" 0
    make_database "$stage/large.db" "$jobs_large" "$jobs_running"
    cp "$stage/large.db" "$stage/listed.db"
    start_idle_service "$stage/small.db"
    small=$service_url
    start_idle_service "$stage/listed.db"
    large=$service_url
    while IFS=$'\t' read -r what ours peer; do
        line_of_ratio "$what" "$ours" "$peer" "$jobs_small jobs" '<=' 1.5
    done < <(Tests/Benchmarks/jobs/time-lists "$large" "$small" "$token" "$rounds")
    stage_end_last
    stage_end_last
}

# Milliseconds from before the service is started until it answers /health.
row_start() {
    local round figures=()
    make_database "$stage/large.db" "$jobs_large" "$jobs_running"
    for ((round = 0; round < rounds; round++)); do
        rm -f "$stage"/started.db*
        cp "$stage/large.db" "$stage/started.db"
        # What the copy leaves to the disk would be done within the service's first sync.
        sync "$stage/started.db"
        figures+=("$(Tests/Benchmarks/jobs/time-start "$programs" "$stage/started.db")")
    done
    line_of_bound "start with $jobs_large and $jobs_running jobs, ms" \
        "$(printf '%s\n' "${figures[@]}" | median)" 300
}

# Microseconds that the store's writer takes for a file.
row_bookkeeping() {
    local what="a file's bookkeeping, µs of the writer" round figures=() commits=()
    local loop=.build/release/BookkeepingLoop statements commit
    # As the programs are built, so that nearly all of it has been.
    if ! BENCHMARKS=1 swift build -c release --static-swift-stdlib --product BookkeepingLoop \
        >"$stage/loop.log" 2>&1; then
        line_skipped "$what" "$(tail -n 1 "$stage/loop.log")"
        return
    fi
    for ((round = 0; round < rounds; round++)); do
        rm -rf "$stage/bookkeeping"
        mkdir -p "$stage/bookkeeping"
        read -r statements commit < <("$loop" "$stage/bookkeeping" 20000)
        figures+=("$statements")
        commits+=("$commit")
    done
    line_of_bound "$what" "$(printf '%s\n' "${figures[@]}" | median | cut -c1-6)" 50
    line_of_bound "… and its share of a commit, with the disk" \
        "$(printf '%s\n' "${commits[@]}" | median | cut -c1-6)" ""
}
