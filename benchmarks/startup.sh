#!/usr/bin/env bash
# How long brokers take from the start of the process to the first CONNECT that they accept.
#
#   benchmarks/startup.sh [STARTS]     15 of each by default, in turns: two minutes
#
# This broker as "java -jar" and by bin/mqttx, which adds an archive of its classes; on the Java of the PATH, and on that
# of NEWER_JAVA_HOME if it is set. PEERS="mosquitto hivemq moquette" says which others.
# Needs gcc and Linux, and once: mvn -DskipTests -DskipITs verify

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
starts=${1:-15}
[[ $starts =~ ^[1-9][0-9]{0,3}$ ]] || {
    echo "startup.sh: STARTS is a number from 1 on, not $starts" >&2
    exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -o "$work/startup" "$root/benchmarks/brokers/startup.c"
"$root/benchmarks/brokers.sh" --commands "$work/commands" # of the peers, and of this broker: NAME.sh PORT FOLDER

jar=$root/mqttx-server/target/mqttx.jar
names=()
for peer in ${PEERS:-mosquitto hivemq moquette}; do
    [[ ! -f $work/commands/$peer.sh ]] || names+=("$peer")
done
for java in java ${NEWER_JAVA_HOME:+"$NEWER_JAVA_HOME/bin/java"}; do
    version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
    home=$(dirname "$(dirname "$(readlink -f "$(command -v "$java")")")")
    printf 'exec "%s" -jar "%s" broker --port "$1"\n' "$home/bin/java" "$jar" >"$work/commands/java-jar-$version.sh"
    printf 'JAVA_HOME="%s" exec "%s" broker --port "$1"\n' "$home" "$root/bin/mqttx" >"$work/commands/bin-mqttx-$version.sh"
    names+=("java-jar-$version" "bin-mqttx-$version")
done

port=19500
start() { # NAME: milliseconds to CONNACK, and of processor time until then
    port=$((port + 1))
    rm -rf "$work/data" && mkdir "$work/data"
    "$work/startup" $port bash "$work/commands/$1.sh" $port "$work/data" 2>>"$work/log" | tail -n 1
}

for name in "${names[@]}"; do
    start "$name" >/dev/null # files come into memory, and bin/mqttx makes its archive
done
for ((i = 0; i < starts; i++)); do
    for name in "${names[@]}"; do
        start "$name" >>"$work/$name.times"
    done
done

printf '| broker | median ms | worst ms | processor, median ms |\n| --- | ---: | ---: | ---: |\n'
for name in "${names[@]}"; do
    middle=$((($(wc -l <"$work/$name.times") + 1) / 2))
    printf '| %s | %.0f | %.0f | %.0f |\n' "$name" "$(sort -n "$work/$name.times" | sed -n "${middle}s/ .*//p")" \
        "$(sort -n "$work/$name.times" | tail -n 1 | cut -d' ' -f1)" \
        "$(cut -d' ' -f2 "$work/$name.times" | sort -n | sed -n "${middle}p")"
done
