# Rounds, medians and the lines of a benchmark's table. Sourced after stage.sh, not run.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154

readonly rounds=5

median() { sort -n | sed -n $(((rounds + 1) / 2))p; }

# Measures servers in turns, so that whatever else the machine does meets all of them:
#
#   in_turns FUNCTION SERVER...     FUNCTION SERVER prints one figure
#
# Sets median_of[SERVER].
in_turns() {
    local measure=$1 round server
    shift
    rm -f "$stage"/figures.*
    for ((round = 0; round < rounds; round++)); do
        for server in "$@"; do "$measure" "$server" >>"$stage/figures.$server"; done
    done
    for server in "$@"; do median_of[$server]=$(median <"$stage/figures.$server"); done
}
declare -A median_of

# Resident KiB of a process and of its children.
resident_kib() {
    local process sum=0 kib
    for process in "$1" $(pgrep -P "$1"); do
        kib=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$process/status")
        sum=$((sum + kib))
    done
    echo "$sum"
}

table_head() {
    printf '%-44s %10s  %-22s %6s  %s\n' "" ours peer ratio "to reach"
}

# One line of the table; $5 is `>=` or `<=`, $6 the ratio to reach.
line_of_ratio() {
    awk -v what="$1" -v ours="$2" -v peer="$3" -v name="$4" -v sense="$5" -v goal="$6" 'BEGIN {
        ratio = peer > 0 ? ours / peer : 0
        holds = sense == ">=" ? ratio >= goal : ratio <= goal
        printf "%-44s %10s  %10s %-11s %6.2f  %s %s%s\n", what, ours, peer, name, ratio, sense,
            goal, holds ? "" : "  MISSED" }'
}

# The same for a figure that has a bound of its own; $4 tells peers' figures.
line_of_bound() {
    awk -v what="$1" -v ours="$2" -v bound="$3" -v peers="${4:-}" 'BEGIN {
        printf "%-44s %10s  %-22s %6s  %s%s\n", what, ours, peers, "",
            bound == "" ? "recorded" : "<= " bound,
            bound == "" || ours + 0 <= bound + 0 ? "" : "  MISSED" }'
}

line_skipped() { printf '%-44s skipped: %s\n' "$1" "$2"; }

# The same against a peer that nothing has to be reached with.
line_of_peer() {
    awk -v what="$1" -v ours="$2" -v peer="$3" -v name="$4" 'BEGIN {
        printf "%-44s %10s  %10s %-11s %6.2f  recorded\n", what, ours, peer, name,
            (peer > 0 ? ours / peer : 0) }'
}
