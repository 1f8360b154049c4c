#!/usr/bin/env bash
# Whole MQTT clients side by side: this one, the HiveMQ MQTT client and Paho, in turns, each time in a new JVM.
#
#   benchmarks/clients.sh [ROUNDS] [SCENARIO...]   5 rounds of all scenarios by default
#
#   publish-QOS-SIZE    as fast as it goes, 100 in flight, to a server that is never the limit
#   receive-SIZE        QoS 0 from a server that is never the limit
#   through-QOS-SIZE    publish and receive through Mosquitto; skipped where there is none
#   roundtrip-QOS       1,000 messages a second to a server that sends them back
#   many-COUNT          so many clients in one JVM
#
# Each row has a figure of each client: the median of the rounds, and the least and the most. rate: messages a second;
# cpu: nanoseconds of processor time of the JVM for each message; allocated: bytes that it took of the heap for each;
# lost: percent of what the server sent; p50 and p99: microseconds; connect: milliseconds until all are connected; heap and
# resident: bytes for each client.
# CLIENTS="mqttx paho" runs fewer clients; "bare-loop" is none, but the least that can publish at QoS 1 and 2, as are
# "bare-inline" and "bare-handed" for round trips.
#
# Needs gcc and Linux, and the modules compiled: mvn -pl benchmarks -am -DskipTests package

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-5}
if [[ ! $rounds =~ ^[1-9][0-9]{0,2}$ ]]; then
    echo "clients.sh: ROUNDS is a number from 1 on, not $rounds" >&2
    exit 2
fi
shift $(($# > 0))
scenarios=("$@")
if ((${#scenarios[@]} == 0)); then
    scenarios=(publish-{0,1,2}-{16,256} receive-{16,256} through-{0,1}-{16,256} roundtrip-{0,1} many-500)
fi
read -ra clients <<<"${CLIENTS:-mqttx mqttx-async hivemq hivemq-rx paho}"

work=$(mktemp -d)
pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT

path_file=benchmarks/target/clients.path
[[ -f $path_file ]] || {
    echo "clients.sh: $path_file is not there; mvn -pl benchmarks -am -DskipTests package makes it" >&2
    exit 1
}
path=benchmarks/target/classes:$(<"$path_file")
for module in codec protocol client; do
    path=mqttx-$module/target/classes:$path
done

gcc -O2 -o "$work/opposite" benchmarks/src/main/c/opposite.c
mkfifo "$work/in" "$work/out"
"$work/opposite" <"$work/in" >"$work/out" &
pids+=($!)
exec 3>"$work/in" # while this is open, the server lives
read -r port <"$work/out"

PATH=$PATH:/usr/sbin # Debian has it there
mosquitto=
if command -v mosquitto >/dev/null; then
    mosquitto=$((20000 + RANDOM % 10000))
    printf '%s\n' "listener $mosquitto 127.0.0.1" 'allow_anonymous true' 'set_tcp_nodelay true' \
        'max_inflight_messages 100' 'max_queued_messages 0' 'log_type none' >"$work/mosquitto.conf"
    mosquitto -c "$work/mosquitto.conf" &
    pids+=($!)
fi

printf '| scenario | figure |'
printf ' %s |' "${clients[@]}"
printf '\n| --- | --- |'
printf ' --- |%.0s' "${clients[@]}"
printf '\n'
for scenario in "${scenarios[@]}"; do
    to=$port
    if [[ $scenario == through-* ]]; then
        [[ $mosquitto ]] || continue
        to=$mosquitto
    fi
    java -cp "$path" ${TRIAL:+"-Dtrial=$TRIAL"} io.mqttx.benchmarks.clients.Compare \
        "$to" "$rounds" "$scenario" "${clients[@]}"
done
