#!/usr/bin/env bash
# The first ten seconds of brokers, second by second: what users feel after a restart.
#
#   benchmarks/warmup.sh [ROUNDS]     3 by default: three minutes
#
# A fresh broker, and load from the moment it accepts a CONNECT: 50 pairs at QoS 1 with windows of 10, as fast as they go;
# and on another fresh one 20,000 messages a second at QoS 0, for the latency. This broker as "java -jar" and by bin/mqttx,
# which adds an archive of its classes; PEERS="mosquitto hivemq" says which others. The Java is that of JAVA_HOME, or of
# the PATH. BENCH_LOCK=FILE is held for each start. Needs gcc and Linux, and once: mvn -DskipTests -DskipITs verify

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rounds=${1:-3}
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || {
    echo "warmup.sh: ROUNDS is a number from 1 on, not $rounds" >&2
    exit 2
}
export PEERS=${PEERS:-mosquitto hivemq}
work=$(mktemp -d)
broker= # its process
stop() {
    [[ -z $broker ]] || { kill "$broker" && wait "$broker"; } 2>/dev/null || true
    broker=
}
trap 'stop; rm -rf "$work"' EXIT
gcc -O2 -o "$work/mqload" "$root/benchmarks/brokers/mqload.c" -lm
"$root/benchmarks/brokers.sh" --commands "$work/commands" # of the peers: NAME.sh PORT FOLDER
options='broker --port "$1"'
printf 'exec "%s" -Xmx2g -jar "%s" %s\n' "${JAVA_HOME:+$JAVA_HOME/bin/}java" "$root/mqttx-server/target/mqttx.jar" "$options" >"$work/commands/java-jar.sh"
printf 'MQTTX_JAVA_OPTS=-Xmx2g exec "%s" %s\n' "$root/bin/mqttx" "$options" >"$work/commands/bin-mqttx.sh"
names=()
for name in bin-mqttx java-jar $PEERS; do
    [[ ! -f $work/commands/$name.sh ]] || names+=("$name")
done

port=19700
start() { # NAME
    port=$((port + 1))
    rm -rf "$work/data" && mkdir "$work/data"
    bash "$work/commands/$1.sh" $port "$work/data" >>"$work/log" 2>&1 9>&- &
    broker=$!
    for _ in $(seq 3000); do
        "$work/mqload" conns -P $port -n 1 --settle 0 --hold 0 >/dev/null 2>&1 && return
        sleep 0.01
    done
    echo "warmup.sh: $1 did not start" >&2
    return 1
}
run() { # NAME SCENARIO MODE...
    local name=$1 scenario=$2
    shift 2
    [[ -z ${BENCH_LOCK:-} ]] || { exec 9>"$BENCH_LOCK" && flock 9; }
    start "$name"
    "$work/mqload" "$@" -P $port --pid $broker --settle 0 -d 10 --slices 1 --limit 40 >/dev/null 2>"$work/err" \
        || echo "warmup.sh: not clean: $name $scenario" >&2
    stop
    [[ -z ${BENCH_LOCK:-} ]] || exec 9>&-
    grep '^slice' "$work/err" | cat -n >>"$work/$scenario.$name"
}

for name in "${names[@]}"; do # bin/mqttx makes its archive, and files come into memory
    start "$name"
    stop
done
for ((round = 0; round < rounds; round++)); do
    for name in "${names[@]}"; do
        run "$name" busy pairs -p 50 -q 1 -w 10
        run "$name" steady pairs -p 50 -q 0 --rate 20000
    done
done

table() { # TITLE SCENARIO FIELD: medians of the rounds
    printf '\n| %s, second | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 |\n| --- |%s\n' "$1" "$(printf ' ---: |%.0s' {1..10})"
    for name in "${names[@]}"; do
        printf '| %s |' "$name"
        for second in {1..10}; do
            awk -v s="$second" -v f="$3" '$1 == s { print $f }' "$work/$2.$name" | sort -n >"$work/column"
            printf ' %.0f |' "$(sed -n "$((($(wc -l <"$work/column") + 1) / 2))p" "$work/column")"
        done
        printf '\n'
    done
}
table 'QoS 1, messages a second' busy 4
table 'QoS 1, µs of processor time for each' busy 7
table '20,000 a second, p99 µs' steady 6
