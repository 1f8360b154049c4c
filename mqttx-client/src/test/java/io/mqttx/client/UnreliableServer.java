package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingResp;
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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A server with one session, and a network to it that breaks, as a model of both in memory: what a seed says is lost is
 * lost, at any byte, in either direction, or the network is not there at all. It remembers what it took over (§4.3), and
 * finds fault with what a client must not do.
 *
 * <p>The server works on the thread of the client that writes. Guarded by itself.
 */
final class UnreliableServer {
    private final Random random;
    private final ProtocolVersion version;
    private final int breaks; // of the connection, before it is reliable
    private int broken;
    private Optional<Wire> current = Optional.empty();

    // The session, which outlives connections:
    private boolean known;
    private boolean subscribed;
    private final Set<Integer> unreleased = new TreeSet<>();
    private final Map<Integer, Publish> unanswered = new LinkedHashMap<>(); // to the client, in order
    private final Set<Integer> released = new TreeSet<>(); // of ours, PUBCOMP is awaited
    private final List<Publish> waiting = new ArrayList<>();
    private int lastId;

    private final List<String> taken = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    UnreliableServer(Random random, ProtocolVersion version, int breaks) {
        this.random = random;
        this.version = version;
        this.breaks = breaks;
    }

    /** A way to it; which breaks perhaps. */
    synchronized Link link() {
        return new Wire(broken < breaks ? random.nextInt(2000) : Integer.MAX_VALUE);
    }

    /** What it has taken over, in order: payloads. */
    synchronized List<String> taken() {
        return List.copyOf(taken);
    }

    /** What the client did that a client may not do. */
    synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /** Has something for the client, now or when it is there. */
    synchronized void publish(Publish message) {
        waiting.add(message);
        current.ifPresent(Wire::sendWaiting);
    }

    /** Whether the client has answered everything. */
    synchronized boolean isDone() {
        return waiting.isEmpty() && unanswered.isEmpty() && released.isEmpty() && unreleased.isEmpty();
    }

    /** One connection. */
    private final class Wire implements Link {
        private final PacketDecoder decoder = PacketDecoder.forServer(DecoderOptions.defaults());
        private final List<byte[]> toClient = new ArrayList<>();
        private final Set<Integer> repeated = new TreeSet<>(); // messages that may still come again on this connection
        private int left; // bytes until it breaks, both ways
        private boolean open;
        private boolean woken;
        private boolean over;
        private boolean connected;

        Wire(int left) {
            this.left = left;
        }

        @Override
        public void open() throws IOException {
            synchronized (UnreliableServer.this) {
                if (over || left % 8 == 0 && left < 2000) {
                    broken++;
                    throw new IOException("the network is not there");
                }
                current.ifPresent(Wire::end);
                current = Optional.of(this);
                open = true;
            }
        }

        @Override
        public int read(byte[] into) throws IOException {
            synchronized (UnreliableServer.this) {
                while (toClient.isEmpty() && !over && !woken) {
                    try {
                        UnreliableServer.this.wait();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                }
                if (woken) {
                    woken = false;
                    return WOKEN;
                }
                if (toClient.isEmpty()) {
                    if (left == 0) {
                        throw new IOException("the network broke");
                    }
                    return -1;
                }
                byte[] bytes = toClient.remove(0);
                int size = Math.min(bytes.length, 1 + random.nextInt(Math.min(into.length, 64)));
                System.arraycopy(bytes, 0, into, 0, size);
                if (size < bytes.length) {
                    toClient.add(0, java.util.Arrays.copyOfRange(bytes, size, bytes.length));
                }
                return size;
            }
        }

        @Override
        public boolean wakeUp() {
            synchronized (UnreliableServer.this) {
                woken = true;
                UnreliableServer.this.notifyAll();
                return true;
            }
        }

        @Override
        public void whenReadable(Runnable action) {
            action.run(); // it is never silent for long
        }

        @Override
        public void write(ByteBuffer bytes) throws IOException {
            synchronized (UnreliableServer.this) {
                if (over || !open) {
                    throw new IOException("the network broke");
                }
                ByteBuffer arrives = bytes.slice(0, take(bytes.remaining()));
                bytes.position(bytes.limit());
                while (decoder.next(arrives)) {
                    received(decoder.packet());
                }
                if (over && left == 0) {
                    throw new IOException("the network broke");
                }
            }
        }

        @Override
        public void finish() {
            close();
        }

        @Override
        public void close() {
            synchronized (UnreliableServer.this) {
                end();
            }
        }

        private void end() {
            over = true;
            current = current.filter(wire -> wire != this);
            UnreliableServer.this.notifyAll();
        }

        /** How many of these bytes still get through. */
        private int take(int wanted) {
            int through = Math.min(left, wanted);
            if (left != Integer.MAX_VALUE) {
                left -= through;
                if (left == 0 && !over) {
                    broken++;
                    end();
                }
            }
            return through;
        }

        private void send(Packet packet) {
            if (over) {
                return;
            }
            byte[] bytes = MqttCodec.toBytes(packet, version);
            int through = take(bytes.length);
            toClient.add(java.util.Arrays.copyOf(bytes, through));
            toClient.removeIf(part -> part.length == 0);
            UnreliableServer.this.notifyAll();
        }

        private void received(Packet packet) {
            if (over && left != 0) {
                return;
            }
            if (!connected && !(packet instanceof Connect)) {
                faults.add(packet + " before CONNECT");
            }
            switch (packet.type()) {
                case CONNECT -> accept((Connect) packet);
                case PUBLISH -> take((Publish) packet);
                case PUBREL -> {
                    unreleased.remove(((PubRel) packet).packetId());
                    send(new PubComp(((PubRel) packet).packetId()));
                }
                case PUBACK -> answered(((PubAck) packet).packetId(), QoS.AT_LEAST_ONCE);
                case PUBREC -> {
                    int id = ((PubRec) packet).packetId();
                    if (!released.contains(id)) {
                        answered(id, QoS.EXACTLY_ONCE);
                        released.add(id);
                    }
                    send(new PubRel(id));
                }
                case PUBCOMP -> {
                    released.remove(((PubComp) packet).packetId());
                    sendWaiting();
                }
                case SUBSCRIBE -> {
                    subscribed = true;
                    Subscribe subscribe = (Subscribe) packet;
                    send(new SubAck(
                            subscribe.packetId(),
                            subscribe.subscriptions().stream()
                                    .map(Subscription::maximumQoS)
                                    .map(ReasonCode::granted)
                                    .toList()));
                    sendWaiting();
                }
                case PINGREQ -> send(PingResp.INSTANCE);
                case DISCONNECT -> end();
                default -> faults.add(packet + " is not for a client");
            }
        }

        private void accept(Connect connect) {
            if (connected) {
                faults.add("second CONNECT");
            }
            if (connect.cleanStart()) {
                faults.add("a clean start, though there is a session");
            }
            connected = true;
            send(new ConnAck(known, ReasonCode.SUCCESS));
            repeated.addAll(known ? allIds() : Set.of());
            known = true;
            for (Publish message : List.copyOf(unanswered.values())) {
                send(message.again());
            }
            released.forEach(id -> send(new PubRel(id)));
            sendWaiting();
        }

        private Set<Integer> allIds() {
            Set<Integer> ids = new TreeSet<>();
            for (int id = 1; id < 200; id++) {
                ids.add(id);
            }
            return ids;
        }

        private void take(Publish message) {
            String text = java.nio.charset.StandardCharsets.UTF_8
                    .decode(message.payload())
                    .toString();
            if (message.dup() && !repeated.remove(message.packetId())) {
                faults.add(text + " comes again on the same connection");
            }
            switch (message.qos()) {
                case AT_MOST_ONCE -> taken.add(text);
                case AT_LEAST_ONCE -> {
                    taken.add(text);
                    send(new PubAck(message.packetId()));
                }
                case EXACTLY_ONCE -> {
                    boolean fresh = unreleased.add(message.packetId());
                    if (fresh) {
                        taken.add(text);
                    } else if (!message.dup()) {
                        faults.add(text + " uses the identifier of another message");
                    }
                    send(new PubRec(message.packetId()));
                }
            }
        }

        private void answered(int id, QoS qos) {
            Publish message = unanswered.remove(id);
            if (message == null || message.qos() != qos) {
                faults.add("an answer to nothing: " + id + " at " + qos);
            }
            sendWaiting();
        }

        private void sendWaiting() {
            while (connected && !over && subscribed && !waiting.isEmpty() && unanswered.size() < 5) {
                lastId = lastId % 300 + 1;
                if (unanswered.containsKey(lastId) || released.contains(lastId)) {
                    continue;
                }
                Publish next = waiting.remove(0);
                Publish numbered = next.with(next.qos(), lastId);
                unanswered.put(lastId, numbered);
                send(numbered);
            }
        }
    }
}
