#!/usr/bin/env bash
# What it costs others that there are many sessions, subscriptions and connections which take no part, and a subscriber
# to everything that does not read: processor time of the broker for each message and each CONNECT, on four brokers in
# turns: an empty one, a full one, one with that subscriber, and one with such a subscriber who reads.
#
#   benchmarks/foreign.sh [ROUNDS]     5 by default: six minutes
#
#   SESSIONS=100000   sessions of clients that are away, with
#   FILTERS=10        subscriptions each, and
#   ONLINE=5000       connections with one subscription each
#   BENCH_LOCK=FILE   held while the brokers are filled and for each round, and not in between (for machines that are shared)
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

brokers="empty full slow reads"
declare -A port=([empty]=19610 [full]=19611 [slow]=19612 [reads]=19613) pid=()
for broker in $brokers; do
    java -Xms3g -Xmx3g -jar "$root/mqttx-server/target/mqttx.jar" broker --port "${port[$broker]}" \
        >"$work/$broker.log" 2>&1 9>&- &
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
    pairs) load "$1" broker_cpu_s_per_million pairs -p 50 -q 1 -w 10 -d 1.5 ;;
    fan-in) load "$1" broker_cpu_s_per_million fanin -p 100 --qwin 500 -d 1.5 ;;
    fan-out) load "$1" broker_cpu_s_per_million fanout -s 100 --qwin 200 -d 1.5 ;;
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
warm_up() {
    local broker scenario
    for broker in $brokers; do
        for scenario in $scenarios; do
            measure $broker $scenario >/dev/null
        done
    done
}
hold_lock
warm_up
"$work/foreign" sessions "${port[full]}" "$sessions" "$filters"
"$work/mqload" conns -P "${port[full]}" -n "$online" --sub --hold 100000 --limit 100000 >/dev/null 2>&1 9>&- &
pids+=($!)
for broker in slow reads; do
    "$work/foreign" $broker "${port[$broker]}" 1 'ml/#' 9>&- &
    pids+=($!)
done
for broker in empty full; do
    "${JAVA_HOME:+$JAVA_HOME/bin/}jcmd" "${pid[$broker]}" GC.run >/dev/null # what the preparations left is nobody's cost
done
sleep 2
warm_up
release_lock

for ((round = 0; round < rounds; round++)); do
    hold_lock
    for scenario in $scenarios; do
        for broker in $brokers; do
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
printf '| | empty | %s sessions, %s subscriptions, %s connections | ratio | one reads | one does not | ratio |\n' \
    "$sessions" $((sessions * filters)) "$online"
printf '| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n'
for scenario in $scenarios; do
    for broker in $brokers; do
        median "$work/$scenario.$broker"
    done | tr '\n' ' ' | awk -v s="$scenario" '{
        printf "| %s | %.3g | %.3g | %.2f | %.3g | %.3g | %.2f |\n", s, $1, $2, $2 / $1, $4, $3, $3 / $4 }'
done
