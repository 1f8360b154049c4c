#!/usr/bin/env bash
# What it costs others that there are many sessions, subscriptions and connections which take no part, and a subscriber
# to everything that does not read: processor time of the broker for each message and each CONNECT.
#
#   benchmarks/foreign.sh [ROUNDS]     5 by default: five minutes
#
#   SESSIONS=100000   sessions of clients that are away, with
#   FILTERS=10        subscriptions each, and
#   ONLINE=5000       connections with one subscription each
#   BENCH_LOCK=FILE   held while the broker warms up or is filled and for each phase, and not in between (for machines
#                     that are shared)
#
# It is one broker all along, because two that were treated alike may differ by more than what is looked for: empty, then
# with the subscriber who reads, with one who does not instead, empty again, and full.
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
scenarios="pairs fan-in fan-out connect"
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
gcc -O2 -o "$work/mqload" "$here/mqload.c" -lm
gcc -O2 -o "$work/foreign" "$here/foreign.c"

load() { # METRIC MODE...: the metric
    local metric=$1 line
    shift
    line=$("$work/mqload" "$@" -P $port --pid "$broker" --settle 0.1 --limit 60 2>>"$work/log") \
        || echo "foreign.sh: not clean: $line" >&2
    sed -n "s/.*\"$metric\":\([0-9.]*\).*/\1/p" <<<"$line"
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
    local round scenario
    for ((round = 0; round < rounds; round++)); do
        for scenario in $scenarios; do
            measure "$scenario" >>"$work/$scenario.$1"
        done
    done
    release_lock
    sleep 1
    hold_lock
}
with_subscriber() { # KIND: slow or reads
    "$work/foreign" "$1" $port 1 'ml/#' 9>&- &
    local subscriber=$!
    sleep 0.3
    phase "$1"
    kill $subscriber
    wait $subscriber 2>/dev/null || true
}

hold_lock
"${JAVA_HOME:+$JAVA_HOME/bin/}java" -Xms3g -Xmx3g -jar "$root/mqttx-server/target/mqttx.jar" broker --port $port \
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

phase empty
with_subscriber reads
with_subscriber slow
phase again
"$work/foreign" sessions $port "$sessions" "$filters"
"$work/mqload" conns -P $port -n "$online" --sub --hold 100000 --limit 100000 >/dev/null 2>&1 9>&- &
pids+=($!)
sleep 2
"${JAVA_HOME:+$JAVA_HOME/bin/}jcmd" "$broker" GC.run >/dev/null # what filling left is nobody's cost
phase full
release_lock

printf 'µs of processor time of the broker for each message or CONNECT, medians of %s rounds\n\n' "$rounds"
printf '| | empty | one reads | one does not | empty again | %s sessions, %s subscriptions, %s connections | ratio |\n' \
    "$sessions" $((sessions * filters)) "$online"
printf '| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n'
for scenario in $scenarios; do
    for phase in empty reads slow again full; do
        sort -n "$work/$scenario.$phase" | sed -n "$(((rounds + 1) / 2))p"
    done | tr '\n' ' ' | awk -v s="$scenario" '{
        printf "| %s | %.3g | %.3g | %.3g | %.3g | %.3g | %.2f |\n", s, $1, $2, $3, $4, $5, $5 / $4 }'
done
