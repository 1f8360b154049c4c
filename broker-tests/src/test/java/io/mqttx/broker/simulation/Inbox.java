package io.mqttx.broker.simulation;

import static io.mqttx.broker.simulation.Ledger.check;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one client got, checked as it comes. */
final class Inbox {
    private final String owner;
    private final Map<Integer, Integer> times = new HashMap<>(); // by number of the message, without retained ones
    private final Map<Integer, QoS> qos = new HashMap<>(); // as it came
    private final Map<String, Integer> newest = new HashMap<>(); // by publisher, topic and QoS
    private final Map<String, String> retained = new HashMap<>(); // by topic
    private final Map<String, Integer> wills = new HashMap<>(); // by payload
    private final Set<QoS> ordered = EnumSet.allOf(QoS.class); // as published

    Inbox(String owner) {
        this.owner = owner;
    }

    /** How often each message came. */
    Map<Integer, Integer> times() {
        return times;
    }

    /** The QoS at which it came. */
    Map<Integer, QoS> qos() {
        return qos;
    }

    /** The payload that was retained for each topic, as told by messages with RETAIN set. */
    Map<String, String> retained() {
        return retained;
    }

    /** How often each will came. */
    Map<String, Integer> wills() {
        return wills;
    }

    /** Who was not there for the first copy of a message at QoS 1 may get the second, behind later ones. */
    void expectRepeatedMessagesLate() {
        ordered.remove(QoS.AT_LEAST_ONCE);
    }

    /** What was meant for a lost member of a shared subscription comes behind later messages [MQTT-4.6.0-6]. */
    void expectAnyOrder() {
        ordered.clear();
    }

    void connectionBegins() {
        retained.clear();
    }

    /** What was told to an older session may be told again. */
    void sessionBegins() {
        times.clear();
        newest.clear();
    }

    void add(Publish publish, List<Sent> sent) {
        String payload = Ledger.text(publish);
        if (publish.retain()) {
            retained.put(publish.topic().text(), payload);
            return;
        }
        if (payload.startsWith("w")) {
            wills.merge(payload, 1, Integer::sum);
            return;
        }
        if (payload.isEmpty()) {
            return; // clears a retained message
        }
        Sent message = sent.get(Integer.parseInt(payload.strip()));
        check(
                message.topic.equals(publish.topic().text()),
                owner + " gets a message of " + message.topic + " as "
                        + publish.topic().text());
        boolean first = times.merge(message.number, 1, Integer::sum) == 1;
        QoS earlier = qos.put(message.number, publish.qos()); // a subscription may have changed, or not have survived
        boolean mayRepeat = publish.qos() == QoS.AT_LEAST_ONCE
                || earlier == QoS.AT_LEAST_ONCE
                || message.qos == QoS.AT_LEAST_ONCE
                || message.repeated;
        check(first || mayRepeat, owner + " gets message " + message.number + " at " + publish.qos() + " twice");
        check(publish.qos().compareTo(message.qos) <= 0, owner + " gets " + publish + " at a higher QoS");
        if (first && ordered.contains(message.qos) && !message.overtaken) {
            String stream = message.publisher + " " + message.topic + " " + message.qos + " " + publish.qos();
            Integer before = newest.put(stream, message.number);
            check(
                    before == null || before < message.number,
                    owner + " gets message " + message.number + " behind " + before + " of " + stream);
        }
    }
}
