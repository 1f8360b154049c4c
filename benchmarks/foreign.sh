#!/usr/bin/env bash
# What it costs others that there are many sessions, subscriptions and connections which take no part, and subscribers
# that do not read: processor time of the broker for each message and each CONNECT, on an empty broker and on a full one
# in turns.
#
#   benchmarks/foreign.sh [ROUNDS]     5 by default: five minutes
#
#   SESSIONS=100000   sessions of clients that are away, with
#   FILTERS=10        subscriptions each, and
#   ONLINE=5000       connections with one subscription each
#   BENCH_LOCK=FILE   held exclusively for each round, and not in between (for machines that are shared)
#
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
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
gcc -O2 -o "$work/mqload" "$here/mqload.c" -lm
gcc -O2 -o "$work/foreign" "$here/foreign.c"

declare -A port=([empty]=19610 [full]=19611 [slow]=19612) pid=()
for broker in empty full slow; do
    java -Xms3g -Xmx3g -jar "$root/mqttx-server/target/mqttx.jar" broker --port "${port[$broker]}" >"$work/$broker.log" 2>&1 &
    pid[$broker]=$!
    pids+=($!)
    for _ in $(seq 100); do
        "$work/mqload" conns -P "${port[$broker]}" -n 1 --hold 0 >/dev/null 2>&1 && break
        sleep 0.1
    done
done

load() { # BROKER METRIC MODE...: the metric
    local broker=$1 metric=$2 line
    shift 2
    line=$("$work/mqload" "$@" -P "${port[$broker]}" --pid "${pid[$broker]}" --settle 0.1 --limit 60 2>>"$work/mqload.log") || {
        echo "foreign.sh: not clean: $line" >&2
    }
    sed -n "s/.*\"$metric\":\([0-9.]*\).*/\1/p" <<<"$line"
}
measure() { # BROKER SCENARIO
    case $2 in
    pairs) load "$1" broker_cpu_s_per_million pairs -p 50 -q 1 -w 10 -d 2 ;;
    fan-in) load "$1" broker_cpu_s_per_million fanin -p 100 --qwin 500 -d 2 ;;
    fan-out) load "$1" broker_cpu_s_per_million fanout -s 100 --qwin 200 -d 2 ;;
    connect) load "$1" broker_cpu_us_per_connect conns -n 4000 --sub --hold 0.1 ;;
    esac
}
hold_lock() {
    [[ -z ${BENCH_LOCK:-} ]] || { exec 9>"$BENCH_LOCK" && flock 9; }
}
release_lock() {
    [[ -z ${BENCH_LOCK:-} ]] || exec 9>&-
}

scenarios="pairs fan-in fan-out connect"
hold_lock
for warm in 1 2; do
    for broker in empty full slow; do
        for scenario in $scenarios; do
            measure $broker $scenario >/dev/null
        done
    done
done
release_lock

"$work/foreign" sessions "${port[full]}" "$sessions" "$filters" 9>&-
"$work/mqload" conns -P "${port[full]}" -n "$online" --sub --hold 100000 --limit 100000 >/dev/null 2>&1 &
pids+=($!)
"$work/foreign" slow "${port[slow]}" 10 'ml/#' >"$work/ready" &
pids+=($!)
for broker in empty full; do
    "${JAVA_HOME:+$JAVA_HOME/bin/}jcmd" "${pid[$broker]}" GC.run >/dev/null # what the preparations left is nobody's cost
done
sleep 5

for ((round = 0; round < rounds; round++)); do
    hold_lock
    for scenario in $scenarios; do
        for broker in empty full slow; do
            measure $broker $scenario >>"$work/$scenario.$broker"
        done
    done
    release_lock
    sleep 1
done

median() {
    sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
}
printf 'µs of processor time of the broker for each message or CONNECT, medians of %s rounds\n\n' "$rounds"
printf '| | empty | %s sessions, %s subscriptions, %s connections | ratio | 10 that do not read | ratio |\n' \
    "$sessions" $((sessions * filters)) "$online"
printf '| --- | ---: | ---: | ---: | ---: | ---: |\n'
for scenario in $scenarios; do
    empty=$(median "$work/$scenario.empty") full=$(median "$work/$scenario.full") slow=$(median "$work/$scenario.slow")
    awk -v s="$scenario" -v e="$empty" -v f="$full" -v w="$slow" \
        'BEGIN { printf "| %s | %.3g | %.3g | %.2f | %.3g | %.2f |\n", s, e, f, f / e, w, w / e }'
done
