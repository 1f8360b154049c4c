package io.mqttx.broker.simulation;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.ManualLoops;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** What was published, what the broker said that it did, and so what everybody has to have got in the end. */
final class Ledger implements BrokerEvents {
    private static final int FRAME = 3; // bytes by which a packet may be larger than it came: an alias

    private final ManualLoops loops;
    private final Random random;
    private final Day day;
    private final Visits visits;
    private final Excuses excuses = new Excuses();
    private final Ponderings ponderings = new Ponderings();
    private final Map<String, List<Long>> left = new HashMap<>(); // for a client, when, by client and message
    private final Map<String, Long> taken = new HashMap<>(); // the largest packet, by client
    private final List<Sent> sent = new ArrayList<>();
    private final Map<String, String> retained = new HashMap<>(); // topic to the payload that was accepted last
    private final Map<String, List<String>> accepted =
            new HashMap<>(); // topic to all payloads to be retained, in order
    private final Map<String, Set<String>> possible = new HashMap<>(); // topic to what may be retained

    Ledger(ManualLoops loops, Random random, Day day) {
        this.loops = loops;
        this.random = random;
        this.day = day;
        this.visits = new Visits(loops, day, this::decide);
    }

    private PublishDecision decide(Message message) {
        boolean isWill = message.origin() == Message.Origin.WILL;
        boolean refuses = day.pondering() && !isWill && random.nextInt(8) == 0;
        if (!isWill) {
            sent.get(number(message.packet())).asked(loops.now(), refuses);
        }
        PublishDecision decision =
                refuses ? PublishDecision.refuse(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR) : PublishDecision.route();
        boolean atOnce = !day.pondering() || isWill && day.durable() || random.nextBoolean();
        if (atOnce) {
            return decision;
        }
        String publisher = message.clientId();
        int connection = visits.latest(publisher);
        return ponderings.later(decision, () -> {
            if (!isWill && visits.latest(publisher) != connection) {
                sent.get(number(message.packet())).overtaken = true; // by what its publisher sent over the next
            }
        });
    }

    /** Who came, and how they left. */
    Visits visits() {
        return visits;
    }

    /** The decisions of handlers that are still open. */
    Ponderings ponderings() {
        return ponderings;
    }

    /** This message is sent again on another connection. */
    void sentAgain(Sent message) {
        message.overtaken |= day.faulty() || day.isNarrow() || day.expiring() || day.pondering();
    }

    /** Whether CONNECT may be answered with this error. */
    boolean mayTurnAway(ReasonCode reason) {
        return day.isForTheDisk(reason);
    }

    /** Whether a message may be answered with this error. */
    boolean mayRefuse(ReasonCode reason) {
        return day.isForTheDisk(reason)
                || day.refuses() && reason == ReasonCode.QUOTA_EXCEEDED
                || day.pondering() && reason == ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
    }

    /** The broker is gone: what was neither acknowledged nor safe may be lost. */
    void crashed() {
        ponderings.forget();
        if (day.isNarrow() || day.picky()) {
            sent.forEach(message -> message.overtaken = true); // that it was dropped may be undone
        }
        accepted.forEach((topic, payloads) -> possible.put(topic, lastPossible(payloads)));
    }

    /** What may be retained after a crash: the last that was acknowledged to, or anything behind it. */
    private Set<String> lastPossible(List<String> payloads) {
        Set<String> last = new HashSet<>();
        for (int i = payloads.size() - 1; i >= 0; i--) {
            String payload = payloads.get(i);
            last.add(payload);
            if (isNumber(payload)
                    && message(payload).acknowledged
                    && !message(payload).mayBeRefused()) {
                return last;
            }
        }
        last.add(""); // none
        return last;
    }

    /** What may be retained now, nothing said as empty text. */
    boolean mayBeRetained(String topic, String payload) {
        Set<String> texts = possible.getOrDefault(topic, Set.of(""));
        return texts.contains(payload) || payload.isEmpty() && texts.stream().anyMatch(this::mayHaveExpired);
    }

    /** Whether a message that was retained may be so no more. */
    boolean mayHaveExpired(String payload) {
        return isNumber(payload) && message(payload).mayHaveExpired(loops.now());
    }

    /** Whether a message that was retained has to have gone by then. */
    boolean hadExpired(String payload, long then) {
        return isNumber(payload) && message(payload).hasExpired(then);
    }

    /** Topics that have or had a retained message. */
    Set<String> topics() {
        return accepted.keySet();
    }

    Sent publish(String publisher, String topic, QoS qos, int expiry) {
        Sent message = new Sent(sent.size(), publisher, topic, qos, expiry);
        sent.add(message);
        return message;
    }

    List<Sent> sent() {
        return sent;
    }

    Map<String, String> retained() {
        return retained;
    }

    @Override
    public void published(Message message) {
        Publish publish = message.packet();
        if (publish.retain()) {
            String payload = text(publish);
            String topic = publish.topic().text();
            retained.put(topic, payload);
            if (topic.startsWith("$")) {
                return; // what the broker says of itself
            }
            accepted.computeIfAbsent(topic, name -> new ArrayList<>()).add(payload);
            possible.put(topic, Set.of(payload));
        }
    }

    @Override
    public void delivered(String clientId, Publish publish) {
        left.computeIfAbsent(clientId + " " + text(publish).strip(), name -> new ArrayList<>())
                .add(loops.now());
    }

    @Override
    public void dropped(String clientId, Publish publish, DropCause cause) {
        String text = text(publish).strip();
        switch (cause) {
            case QUEUE_FULL -> {
                check(day.isNarrow(), clientId + " has room for " + text);
                excuses.dropped(clientId, text);
            }
            case EXPIRED -> {
                check(isNumber(text) && message(text).mayHaveExpired(loops.now()), text + " has not expired");
                excuses.dropped(clientId, text);
            }
            case SLOW_CLIENT -> {
                // of QoS 0, which need not arrive: everything else waits in the queue
            }
            case TOO_LARGE -> {
                int size = MqttCodec.toBytes(publish, ProtocolVersion.V5).length;
                check(
                        size + FRAME > taken.getOrDefault(clientId, Long.MAX_VALUE),
                        clientId + " takes " + text + " as well");
                excuses.dropped(clientId, text);
            }
        }
    }

    @Override
    public void dropped(String clientId, DropCause cause) {
        check(
                day.durable() && day.isNarrow() && day.queue().whenFull() == QueueOptions.WhenFull.DROP_OLDEST,
                clientId + " misses a message without a name");
        excuses.dropped(clientId);
    }

    /** This client takes no larger packet. */
    void takes(String clientId, long largest) {
        taken.put(clientId, largest);
    }

    /** What was dropped. */
    Excuses excuses() {
        return excuses;
    }

    /** A client got a message for the first time: it left while it was good, and says how long it still is. */
    void checkAge(String clientId, ProtocolVersion version, Publish publish) {
        String text = text(publish).strip();
        if (publish.retain() || !isNumber(text) || message(text).expiry == 0) {
            return;
        }
        Sent message = message(text);
        List<Long> times = left.getOrDefault(clientId + " " + text, List.of());
        check(
                publish.dup() || times.stream().anyMatch(then -> !message.hasExpired(then)),
                clientId + " gets message " + text + " after it has expired [MQTT-3.3.2-5]");
        long seconds = publish.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, -1);
        check(
                !version.hasProperties() || times.stream().anyMatch(then -> message.mayHaveLeft(seconds, then)),
                clientId + " is told that message " + text + " has " + seconds + " s left [MQTT-3.3.2-6]");
    }

    private Sent message(String payload) {
        return sent.get(Integer.parseInt(payload.strip()));
    }

    private static boolean isNumber(String payload) {
        return payload.matches("[0-9]+ *");
    }

    private static int number(Publish publish) {
        return Integer.parseInt(text(publish).strip());
    }

    static String text(Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}
