#!/usr/bin/env bash
# Whole brokers side by side under the same load: Mosquitto, HiveMQ CE, Moquette, Artemis, and this one, in turns.
#
#   benchmarks/brokers.sh [OPTION...] [SCENARIOS]   the options and files of benchmarks/brokers/compare.sh
#
#   benchmarks/brokers.sh                                 three rounds in memory: most of an hour
#   benchmarks/brokers.sh -r 1 -s '^C' -b 'mqttx|hivemq'  one scenario, one round, two brokers
#   benchmarks/brokers.sh scenarios-conns.txt             connections
#   benchmarks/brokers.sh scenarios-durable.txt           on disk, with kill -9
#
#   benchmarks/brokers.sh --commands DIR                  only writes DIR/NAME.sh, which starts a broker: PORT FOLDER
#
# PEERS="mosquitto hivemq moquette artemis" says which peers; without Mosquitto on the machine it is left out, with a word.
# Needs gcc and Linux, and once: mvn -DskipTests -DskipITs verify

set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$root/benchmarks/brokers
only_commands=false
if [[ ${1:-} == --commands && -n ${2:-} ]]; then
    only_commands=true
    work=$2
    mkdir -p "$work"
    shift 2
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

scenarios=$here/scenarios.txt
durable=false
args=()
for arg in "$@"; do
    case $arg in
    scenarios*.txt)
        scenarios=$here/$arg
        [[ $arg != *durable* ]] || durable=true
        ;;
    *) args+=("$arg") ;;
    esac
done

jar=$root/mqttx-server/target/mqttx.jar
[[ -f $jar ]] || {
    echo "brokers.sh: $jar is not there; mvn -DskipTests -DskipITs verify makes it" >&2
    exit 1
}

# One line for each broker, and a script that starts it in the place of the shell.
list=$work/brokers.txt
add() { # NAME SECONDS: the script is on standard input; $1 is the port, $2 an empty folder
    { echo '#!/usr/bin/env bash' && cat; } >"$work/$1.sh"
    printf '%s | %s | bash %s {port} {dir}\n' "$1" "$2" "$work/$1.sh" >>"$list"
}

for peer in ${PEERS:-mosquitto hivemq moquette artemis}; do
    case $peer in
    mosquitto)
        if ! command -v mosquitto >/dev/null && [[ ! -x /usr/sbin/mosquitto ]]; then
            echo "brokers.sh: Mosquitto is not installed and is left out" >&2
            continue
        fi
        add mosquitto 0.3 <<END
printf '%s\n' "listener \$1 127.0.0.1" 'allow_anonymous true' 'max_queued_messages 0' 'max_inflight_messages 0' \
    'set_tcp_nodelay true' 'log_type error' 'persistence $durable' "persistence_location \$2/" 'user root' >"\$2/m.conf"
exec \$(PATH=\$PATH:/usr/sbin command -v mosquitto) -c "\$2/m.conf"
END
        ;;
    hivemq)
        mode=in-memory
        ! $durable || mode=file
        add hivemq 3 <<END
mkdir -p "\$2/extensions" "\$2/data"
cat >"\$2/config.xml" <<X
<?xml version="1.0"?>
<hivemq><listeners><tcp-listener><port>\$1</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
<mqtt><queued-messages><max-queue-size>10000000</max-queue-size></queued-messages>
<receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum></mqtt>
<persistence><mode>$mode</mode></persistence>
<anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics></hivemq>
X
exec java -Xmx2g -cp "$root/peer-hivemq/target/test-classes:\$(cat "$root/peer-hivemq/target/classpath.txt")" \
    io.mqttx.peer.HiveMq "\$2"
END
        ;;
    moquette)
        add moquette 3 <<END
mkdir -p "\$2/config" "\$2/data"
printf '%s\n' 'host 127.0.0.1' "port \$1" 'websocket_port disabled' 'allow_anonymous true' 'session_queue_size 65536' \
    'netty.epoll true' 'telemetry_enabled false' 'persistence_enabled $durable' "data_path \$2/data" >"\$2/config/moquette.conf"
printf '%s\n' 'log4j.rootLogger=WARN, out' 'log4j.appender.out=org.apache.log4j.ConsoleAppender' \
    'log4j.appender.out.layout=org.apache.log4j.PatternLayout' >"\$2/log4j.properties"
exec java -Xmx2g -Dlog4j.configuration="file:\$2/log4j.properties" -Dmoquette.path="\$2" \
    -cp "\$(cat "$root/peer-moquette/target/classpath.txt")" io.moquette.broker.Server
END
        ;;
    artemis)
        add artemis 3 <<END
mkdir -p "\$2/etc"
cat >"\$2/etc/broker.xml" <<X
<?xml version="1.0"?>
<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">
<persistence-enabled>$durable</persistence-enabled><security-enabled>false</security-enabled>
<acceptors><acceptor name="mqtt">tcp://127.0.0.1:\$1?protocols=MQTT</acceptor></acceptors>
</core></configuration>
X
exec java -Xmx2g -cp "\$(cat "$root/peer-artemis/target/classpath.txt")" \
    org.apache.activemq.artemis.core.server.embedded.Main "\$2"
END
        ;;
    *)
        echo "brokers.sh: no peer is called $peer" >&2
        exit 2
        ;;
    esac
done

# The Java is that of the PATH, as for the peers.
add mqttx 3 <<END
data=()
! $durable || data=(--data "\$2/data")
MQTTX_JAVA_OPTS=-Xmx2g exec env -u JAVA_HOME "$root/bin/mqttx" broker --port "\$1" --queue-messages 10000000 \
    --queue-bytes 4000000000 --max-retained 1000000 "\${data[@]}"
END

$only_commands && exit
"$here/compare.sh" "${args[@]}" "$list" "$scenarios"
