package io.mqttx.server.crash;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one subscriber got, checked as it comes. */
final class Inbox {
    private final String owner;
    private final QoS maximumQoS;
    private final List<String> prefixes; // of the topics that it subscribed to
    private final Ledger ledger;
    private final BitSet arrived = new BitSet(); // guarded by this, as all here
    private final Map<String, Integer> last = new HashMap<>(); // the newest that came, by stream
    private long again;
    private long firsts;

    Inbox(String owner, QoS maximumQoS, List<String> prefixes, Ledger ledger) {
        this.owner = owner;
        this.maximumQoS = maximumQoS;
        this.prefixes = prefixes;
        this.ledger = ledger;
    }

    String owner() {
        return owner;
    }

    boolean wants(Ledger.Sent sent) {
        return prefixes.stream().anyMatch(sent.topic::startsWith);
    }

    synchronized boolean has(int number) {
        return arrived.get(number);
    }

    synchronized long again() {
        return again;
    }

    synchronized long firsts() {
        return firsts;
    }

    /** The number in a payload, which begins with it. */
    static int number(Publish publish) {
        String text = StandardCharsets.UTF_8.decode(publish.payload()).toString();
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    static byte[] payload(int number, int padding) {
        return (number + " " + "x".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    /** A message that the client takes for a new one, as the standard has it. */
    void take(Publish publish, int number) {
        Ledger.Sent sent = ledger.message(number);
        String topic = publish.topic().toString();
        ledger.tell(
                owner,
                "gets it: " + publish.qos() + ", id " + publish.packetId() + (publish.dup() ? ", DUP" : ""),
                number);
        if (!ledger.wasSent(number) || sent != null && !topic.equals(sent.topic)) {
            ledger.finding(owner + " gets message " + number + " on " + topic + ", which was never sent");
            return;
        }
        boolean isNew;
        synchronized (this) {
            isNew = !arrived.get(number);
            arrived.set(number);
            firsts += isNew ? 1 : 0;
            again += isNew ? 0 : 1;
        }
        if (!isNew) {
            if (publish.qos() == QoS.EXACTLY_ONCE) {
                ledger.finding(owner + " gets message " + number + " on " + topic + " twice at QoS 2", owner, number);
            }
        } else if (sent != null) {
            checkLevelAndOrder(publish, sent);
        }
    }

    private void checkLevelAndOrder(Publish publish, Ledger.Sent sent) {
        QoS due = sent.qos.compareTo(maximumQoS) < 0 ? sent.qos : maximumQoS;
        if (publish.qos() != due) {
            ledger.finding(owner + " gets " + sent + " at " + publish.qos(), owner, sent.number);
        }
        Integer before;
        synchronized (this) {
            before = last.get(sent.stream());
            last.merge(sent.stream(), sent.number, Math::max);
        }
        if (before != null && before > sent.number) {
            ledger.finding(owner + " gets " + sent + " after message " + before, owner, sent.number, before);
        }
    }
}
