package io.mqttx.broker.simulation;

import static io.mqttx.broker.simulation.Ledger.check;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.SimulatedNetwork;
import io.mqttx.testkit.SimulatedSocket;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A client that keeps the rules, written without any of our own state machines: what it believes is the standard's
 * word, not our reading of it twice. It answers when it is told to, in order.
 */
final class SimulatedClient {
    private static final long FOR_EVER = 0xFFFF_FFFFL;
    private static final int SUBSCRIBING = 60_000; // an identifier that no message gets

    final String id;
    final ProtocolVersion version;
    final Inbox inbox;
    private static final int ANSWERS = 512; // bytes of what answers to this client take at most

    private final Random random;
    private final SimulatedNetwork network;
    private final Ledger ledger;
    private final long expiry; // seconds; 0: the session ends with the connection
    private final int receiveMaximum;
    private long largest = Long.MAX_VALUE; // bytes of a packet that it takes
    private int aliasMaximum;

    private SimulatedSocket socket; // the last one; null before the first
    private PacketDecoder decoder;
    private Aliases aliases; // of the connection
    private int connection;
    private boolean in; // CONNACK has come
    private boolean refused; // by CONNACK
    private boolean beginning; // a new session was asked for, and no answer has come
    private boolean subscribed; // at least one SUBACK has come
    private int window; // messages that the broker takes at once
    private final Deque<Packet> answers = new ArrayDeque<>(); // not given yet
    private boolean eager; // answers at once
    private int unanswered; // messages that came over this connection and are not acknowledged
    private final Map<Integer, Outgoing> outgoing = new LinkedHashMap<>();
    private final Set<Integer> received = new HashSet<>(); // identifiers at QoS 2, until they are released
    private final Set<Integer> doubtful = new HashSet<>(); // those of a session that the broker perhaps has no more

    private static final class Outgoing {
        private final Sent message;
        private final Publish packet;
        private boolean released;

        Outgoing(Sent message, Publish packet) {
            this.message = message;
            this.packet = packet;
        }
    }

    SimulatedClient(
            String id, ProtocolVersion version, long expiry, Random random, SimulatedNetwork network, Ledger ledger) {
        this.id = id;
        this.version = version;
        this.expiry = expiry;
        this.random = random;
        this.network = network;
        this.ledger = ledger;
        this.inbox = new Inbox(id);
        this.receiveMaximum = version.hasProperties() ? 1 + random.nextInt(5) : 65535;
    }

    /** It is in for small packets only, and for topic aliases. */
    void takesLittle() {
        if (version.hasProperties()) {
            largest = 60L + random.nextInt(150);
            aliasMaximum = random.nextInt(4);
            ledger.takes(id, largest);
        }
    }

    boolean isIn() {
        return in && !socket.isGone();
    }

    boolean isSubscribed() {
        return subscribed;
    }

    boolean isOffline() {
        return socket == null || socket.isGone();
    }

    boolean isIdle() {
        return isIn() && outgoing.isEmpty() && answers.isEmpty() && received.isEmpty();
    }

    int inFlight() {
        return outgoing.size();
    }

    /** Checks that little waits for a client that does not read: everything else stays in its queue. */
    void checkUnsent(long limit, int largestPacket) {
        if (socket != null) {
            long most = limit + largestPacket + ANSWERS;
            check(socket.mostUnsent() <= most, id + " has " + socket.mostUnsent() + " bytes unsent, at most " + most);
        }
    }

    /** Connects, whether or not there is another connection already. */
    void connect(int number, boolean wantsCleanStart, Will will) {
        boolean cleanStart = wantsCleanStart || beginning; // what is forgotten here has to be forgotten there
        beginning = cleanStart;
        if (!in && expiry != FOR_EVER) { // an answer was missed that may have said that the session is a new one
            doubtful.addAll(received);
            received.clear();
            outgoing.values().forEach(each -> each.message.repeated = true);
        }
        connection = number;
        in = false;
        refused = false;
        decoder = PacketDecoder.forVersion(
                version, DecoderOptions.defaults().withMaxPacketSize(DecoderOptions.LARGEST_PACKET));
        aliases = new Aliases(id, aliasMaximum);
        answers.clear();
        unanswered = 0;
        inbox.connectionBegins();
        if (cleanStart) {
            forget(); // at once, whether the answer comes or not [MQTT-3.1.2-4]
        }
        int mine = number;
        socket = network.connect(new SimulatedSocket.Receiver() {
            @Override
            public void received(ByteBuffer bytes) {
                while (mine == connection && decoder.next(bytes)) {
                    take(decoder.packet());
                    for (int i = answers.size(); eager && i > 0; i--) {
                        answer();
                    }
                }
            }

            @Override
            public void closed() {
                // whoever plays the day sees it
            }
        });
        Properties properties = version.hasProperties()
                ? Properties.of(Property.RECEIVE_MAXIMUM, receiveMaximum).with(Property.SESSION_EXPIRY_INTERVAL, expiry)
                : Properties.EMPTY;
        if (largest < Long.MAX_VALUE) {
            properties = properties
                    .with(Property.MAXIMUM_PACKET_SIZE, largest)
                    .with(Property.TOPIC_ALIAS_MAXIMUM, aliasMaximum);
        }
        send(new Connect(version, id, cleanStart)
                .withKeepAlive(60)
                .withCredentials(Credentials.of(Integer.toString(number)))
                .withWill(will)
                .withProperties(properties));
    }

    void subscribe(Subscription... subscriptions) {
        send(new Subscribe(SUBSCRIBING, List.of(subscriptions)));
    }

    void unsubscribe(String filter) {
        send(new Unsubscribe(SUBSCRIBING + 1, List.of(TopicFilter.of(filter))));
    }

    void ping() {
        send(PingReq.INSTANCE);
    }

    boolean mayPublish() {
        return isIn() && outgoing.size() < Math.min(window, 10);
    }

    void publish(String topic, QoS qos, boolean retain, int padding, int expiry) {
        Sent message = ledger.publish(id, topic, qos, expiry);
        int packetId = qos == QoS.AT_MOST_ONCE ? 0 : freeId();
        String payload = message.number + " ".repeat(padding);
        Properties properties =
                expiry > 0 ? Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, (long) expiry) : Properties.EMPTY;
        ByteBuffer bytes = ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8));
        Publish packet = new Publish(false, qos, retain, TopicName.of(topic), packetId, properties, bytes);
        if (packetId > 0) {
            outgoing.put(packetId, new Outgoing(message, packet));
        }
        send(random.nextBoolean() ? aliases.shorten(packet) : packet);
    }

    /** Gives the answer that has waited longest. */
    void answer() {
        Packet answer = answers.poll();
        if (answer != null && isIn()) {
            unanswered -= answer instanceof PubRec ? 0 : 1;
            send(answer);
        }
    }

    /** Gives all answers, now and from now on at once. */
    void answerEverything() {
        eager = true;
        while (!answers.isEmpty() && isIn()) {
            answer();
        }
    }

    /** Says goodbye and closes. */
    void leave() {
        ledger.visits().saidGoodbye(connection);
        send(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
        socket.close();
        in = false;
    }

    SimulatedSocket socket() {
        return socket;
    }

    private int freeId() {
        int packetId = 1 + random.nextInt(20);
        while (outgoing.containsKey(packetId)) {
            packetId++;
        }
        return packetId;
    }

    private void send(Packet packet) {
        socket.send(MqttCodec.toBytes(packet, version));
    }

    private void take(Packet packet) {
        switch (packet.type()) {
            case CONNACK -> in((ConnAck) packet);
            case PUBLISH -> arrived((Publish) packet);
            case PUBACK -> done(((PubAck) packet).packetId(), ((PubAck) packet).reason());
            case PUBREC -> received((PubRec) packet);
            case PUBREL -> {
                received.remove(((PubRel) packet).packetId());
                doubtful.remove(((PubRel) packet).packetId());
                answers.add(new PubComp(((PubRel) packet).packetId()));
            }
            case PUBCOMP -> done(((PubComp) packet).packetId(), ReasonCode.SUCCESS);
            case SUBACK -> subscribed = ((SubAck) packet).reasons().stream().noneMatch(ReasonCode::isError);
            case DISCONNECT ->
                check(
                        Set.of(ReasonCode.SESSION_TAKEN_OVER, ReasonCode.KEEP_ALIVE_TIMEOUT)
                                .contains(((Disconnect) packet).reason()),
                        id + " is told " + packet);
            default -> {
                // PINGRESP and UNSUBACK change nothing
            }
        }
    }

    private void in(ConnAck ack) {
        if (expiry > 0 || !version.hasProperties()) {
            refused = ledger.mayTurnAway(ack.reason());
        }
        if (refused) {
            return; // and the broker closes the connection
        }
        check(ack.reason() == ReasonCode.SUCCESS && !in, id + " is let in once: " + ack);
        ledger.visits().sessionTold(connection, ack.sessionPresent());
        in = true;
        beginning = false;
        aliases.allow(ack.properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0));
        window = (int) ack.properties().number(Property.RECEIVE_MAXIMUM, 65535);
        if (!ack.sessionPresent()) {
            forget();
            return;
        }
        for (Outgoing each : outgoing.values()) { // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
            ledger.sentAgain(each.message);
            send(each.released ? new PubRel(each.packet.packetId()) : each.packet.again());
        }
    }

    private void forget() {
        outgoing.clear(); // whether they arrived nobody knows
        received.clear();
        doubtful.clear();
        subscribed = false;
        inbox.sessionBegins();
    }

    private void arrived(Publish sent) {
        check(in, id + " gets no message before its CONNACK");
        int size = MqttCodec.toBytes(sent, version).length;
        check(size <= largest, id + " gets " + size + " bytes, and takes " + largest + " [MQTT-3.1.2-24]");
        Publish publish = aliases.resolve(sent);
        boolean again = publish.dup() && doubtful.contains(publish.packetId());
        doubtful.remove(publish.packetId());
        boolean known = publish.qos() == QoS.EXACTLY_ONCE && (!received.add(publish.packetId()) || again);
        check(!known || publish.dup(), id + " gets identifier " + publish.packetId() + " twice");
        if (!known) {
            inbox.add(publish, ledger.sent());
            ledger.checkAge(id, version, publish);
        }
        if (publish.qos() != QoS.AT_MOST_ONCE) {
            unanswered++;
            check(unanswered <= receiveMaximum, id + " takes " + receiveMaximum + " messages at once");
            answers.add(
                    publish.qos() == QoS.AT_LEAST_ONCE
                            ? new PubAck(publish.packetId())
                            : new PubRec(publish.packetId()));
        }
    }

    private void received(PubRec rec) {
        Outgoing of = outgoing.get(rec.packetId());
        check(of != null && of.message.qos == QoS.EXACTLY_ONCE, id + " gets " + rec);
        if (ledger.mayRefuse(rec.reason()) && !of.released) {
            outgoing.remove(rec.packetId());
            return;
        }
        check(!rec.reason().isError(), id + " gets " + rec);
        of.message.acknowledged = true;
        of.released = true;
        send(new PubRel(rec.packetId()));
    }

    private void done(int packetId, ReasonCode reason) {
        Outgoing of = outgoing.remove(packetId);
        check(of != null, id + " gets an answer to " + packetId);
        if (ledger.mayRefuse(reason) && !of.released) {
            return;
        }
        check(!reason.isError(), id + " gets an answer to " + packetId + ", " + reason);
        of.message.acknowledged = true;
    }
}
