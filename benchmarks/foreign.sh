#!/usr/bin/env bash
# What it costs others that there are many sessions, subscriptions and connections which take no part, and a subscriber
# to everything that does not read: processor time of the broker for each message and each CONNECT.
#
#   benchmarks/foreign.sh [ROUNDS]     5 by default: five minutes
#
#   SESSIONS=100000   sessions of clients that are away, with
#   FILTERS=10        subscriptions each, and
#   ONLINE=5000       connections with one subscription each
#   BENCH_LOCK=FILE   held while the broker warms up and for each round, and not in between (for machines that are
#                     shared)
#
# It is one broker all along, because two that were treated alike may differ by more than what is looked for. In each round
# it is empty; with the subscriber who reads; with one who does not instead; and full: machines change within minutes.
# Needs gcc and Linux, and once: mvn -DskipTests -DskipITs verify

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$root/benchmarks/brokers
rounds=${1:-5}
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || {
    echo "foreign.sh: ROUNDS is a number from 1 on, not $rounds" >&2
    exit 2
}
sessions=${SESSIONS:-100000}
filters=${FILTERS:-10}
online=${ONLINE:-5000}
port=19610
java_bin=${JAVA_HOME:+$JAVA_HOME/bin/}
scenarios="pairs fan-in fan-out connect"
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
gcc -O2 -o "$work/mqload" "$here/mqload.c" -lm
gcc -O2 -o "$work/foreign" "$here/foreign.c"

ticks() { # the broker's processor time so far: all of it, and that of the threads that serve connections
    { cat "/proc/$broker/stat" /proc/"$broker"/task/*/stat 2>>"$work/log" || true; } \
        | awk '{ comm = $0; sub(/\) .*/, "", comm); sub(/.*\) /, ""); time = $12 + $13 }
            NR == 1 { all = time }
            NR > 1 && comm ~ /mqttx-loop/ { loops += time }
            END { print all, loops + 0 }'
}
load() { # METRIC MODE...: the metric, and how much of it is the loops'
    local metric=$1 line before
    shift
    before=$(ticks)
    line=$("$work/mqload" "$@" -P $port --pid "$broker" --settle 0.1 --limit 60 2>>"$work/log") \
        || echo "foreign.sh: not clean: $line" >&2
    sed -n "s/.*\"$metric\":\([0-9.]*\).*/\1/p" <<<"$line" | awk -v before="$before" -v after="$(ticks)" '{
        split(before, b); split(after, a); print $1, $1 * (a[2] - b[2]) / (a[1] - b[1]) }'
}
median() { # FILE COLUMN
    awk -v column="$2" '{ print $column }' "$1" | sort -n | sed -n "$(((rounds + 1) / 2))p"
}
measure() { # SCENARIO
    case $1 in
    pairs) load broker_cpu_s_per_million pairs -p 50 -q 1 -w 10 -d 1.5 ;;
    fan-in) load broker_cpu_s_per_million fanin -p 100 --qwin 500 -d 1.5 ;;
    fan-out) load broker_cpu_s_per_million fanout -s 100 --qwin 200 -d 1.5 ;;
    connect) load broker_cpu_us_per_connect conns -n 8000 --sub --hold 0.1 ;;
    esac
}
hold_lock() {
    [[ -z ${BENCH_LOCK:-} ]] || { exec 9>"$BENCH_LOCK" && flock 9; }
}
release_lock() {
    [[ -z ${BENCH_LOCK:-} ]] || exec 9>&-
}
phase() { # NAME
    local scenario
    for scenario in $scenarios; do
        measure "$scenario" >>"$work/$scenario.$1"
    done
}
with_subscriber() { # KIND: slow or reads
    "$work/foreign" "$1" $port 1 'ml/#' 9>&- &
    local subscriber=$!
    sleep 0.3
    phase "$1"
    kill $subscriber
    wait $subscriber 2>/dev/null || true
}
fill() {
    "$work/foreign" sessions $port "$sessions" "$filters"
    "$work/mqload" conns -P $port -n "$online" --sub --hold 100000 --limit 100000 >/dev/null 2>&1 9>&- &
    idle=$!
    pids+=("$idle")
    sleep 2
}
end_all() {
    kill "$idle"
    wait "$idle" 2>/dev/null || true
    "$work/foreign" end $port "$sessions" 0
}
collect() { # what others left is nobody's cost
    "${java_bin}jcmd" "$broker" GC.run >/dev/null
}

hold_lock
"${java_bin}java" -Xms3g -Xmx3g -jar "$root/mqttx-server/target/mqttx.jar" broker --port $port \
    >"$work/log" 2>&1 9>&- &
broker=$!
pids+=("$broker")
for _ in $(seq 100); do
    "$work/mqload" conns -P $port -n 1 --hold 0 >/dev/null 2>&1 && break
    sleep 0.1
done
for _ in 1 2 3 4 5; do # warm-up
    for scenario in $scenarios; do
        measure "$scenario" >/dev/null
    done
done
release_lock

for ((round = 0; round < rounds; round++)); do
    hold_lock
    collect
    phase empty
    with_subscriber reads
    with_subscriber slow
    fill
    collect
    phase full
    end_all
    release_lock
done

printf 'µs of processor time of the broker for each message or CONNECT, medians of %s rounds; in brackets without the\n' "$rounds"
printf 'collector and the compiler\n\n'
printf '| | empty | one reads | one does not | %s sessions, %s subscriptions, %s connections | full / empty |\n' \
    "$sessions" $((sessions * filters)) "$online"
printf '| --- | ---: | ---: | ---: | ---: | ---: |\n'
for scenario in $scenarios; do
    for phase in empty reads slow full; do
        median "$work/$scenario.$phase" 1
        median "$work/$scenario.$phase" 2
    done | tr '\n' ' ' | awk -v s="$scenario" '{
        printf "| %s |", s
        for (i = 1; i < 8; i += 2) { printf " %.3g (%.3g) |", $i, $(i + 1) }
        printf " %.2f (%.2f) |\n", $7 / $1, $8 / $2 }'
done
