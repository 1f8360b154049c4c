package io.mqttx.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.testkit.LogLines;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.MemoryTransport;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** A broker on three loops of memory, the same in every run. */
final class TestBroker implements AutoCloseable {
    static final ProtocolVersion V31 = ProtocolVersion.V3_1;
    static final ProtocolVersion V311 = ProtocolVersion.V3_1_1;
    static final ProtocolVersion V5 = ProtocolVersion.V5;

    private static final Listener MEMORY = Listener.tcp("memory", 0);
    private static final RandomGenerator NO_MATTER = new Random(1);

    final ManualLoops loops;
    final MemoryTransport transport;
    final RecordedEvents events = new RecordedEvents();
    final LogLines log = new LogLines();
    final Broker broker;

    TestBroker(BrokerOptions.Builder options, HandlerFactory handlers) {
        this(options, handlers, MEMORY);
    }

    TestBroker(BrokerOptions.Builder options, HandlerFactory handlers, Listener listener) {
        this(Broker.builder().random(NO_MATTER).listen(listener), options, handlers);
    }

    TestBroker(HandlerFactory handlers, Executor executor) {
        this(Broker.builder().random(NO_MATTER).listen(MEMORY).executor(executor), options(), handlers);
    }

    TestBroker(RandomGenerator random) {
        this(Broker.builder().random(random).listen(MEMORY), options(), client -> BrokerHandler.allowAll());
    }

    /** One that keeps its state there; the calendar follows the loops' clock, which may be that of a broker before. */
    TestBroker(Storage storage, BrokerOptions.Builder options, HandlerFactory handlers, ManualLoops loops) {
        this(
                Broker.builder()
                        .random(NO_MATTER)
                        .listen(MEMORY)
                        .storage(storage)
                        .calendar(() -> Instant.ofEpochSecond(1_700_000_000L).plusNanos(loops.now())),
                options,
                handlers,
                loops);
    }

    private TestBroker(Broker.Builder builder, BrokerOptions.Builder options, HandlerFactory handlers) {
        this(builder, options, handlers, new ManualLoops(3));
    }

    private TestBroker(
            Broker.Builder builder, BrokerOptions.Builder options, HandlerFactory handlers, ManualLoops loops) {
        this.loops = loops;
        transport = new MemoryTransport(loops);
        broker = builder.transport(transport)
                .handler(handlers)
                .events(events)
                .options(options.sysInterval(Duration.ZERO).build())
                .start();
    }

    TestBroker(HandlerFactory handlers) {
        this(options(), handlers);
    }

    TestBroker(BrokerOptions.Builder options) {
        this(options, client -> BrokerHandler.allowAll());
    }

    TestBroker() {
        this(options());
    }

    static BrokerOptions.Builder options() {
        return BrokerOptions.builder();
    }

    /** A connection without CONNECT. */
    MemoryClient open(ProtocolVersion version) {
        return transport.connect(version);
    }

    /** A connection that has sent this CONNECT; whatever came of it is still to be taken. */
    MemoryClient send(Connect connect) {
        MemoryClient client = transport.connect(connect.version());
        client.send(connect);
        loops.run();
        return client;
    }

    /** A client that is in. */
    MemoryClient connect(Connect connect) {
        MemoryClient client = send(connect);
        ConnAck ack = (ConnAck) client.take().get(0);
        assertEquals(ReasonCode.SUCCESS, ack.reason());
        return client;
    }

    /** Everything that a client gets which connects so, CONNACK included. */
    List<Packet> connectKeepingAll(Connect connect) {
        return send(connect).take();
    }

    /** A version 5 client that is in, with a session that ends with the connection. */
    MemoryClient connect(String clientId) {
        return connect(new Connect(V5, clientId, true).withKeepAlive(0));
    }

    /** A 3.1.1 client that is in, with a session that stays. */
    MemoryClient connectPersistent(String clientId) {
        return connect(new Connect(V311, clientId, false).withKeepAlive(0));
    }

    /** Subscribes, and gives what came behind the SUBACK. */
    List<Publish> subscribe(MemoryClient client, Subscription... subscriptions) {
        client.take();
        client.send(new Subscribe(7, List.of(subscriptions)));
        var packets = client.take();
        assertEquals(SubAck.class, packets.get(0).getClass());
        return packets.stream().skip(1).map(Publish.class::cast).toList();
    }

    void advance(Duration time) {
        loops.advance(time);
    }

    /** Stops the broker, whose loops somebody has to run meanwhile. */
    @Override
    public void close() {
        Thread closing = new Thread(broker::close, "closing");
        closing.start();
        try {
            while (closing.isAlive()) {
                loops.run();
                closing.join(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.run();
        log.close();
    }

    static Subscription to(String filter, QoS qos) {
        return new Subscription(TopicFilter.of(filter), qos);
    }

    /** A message at QoS 0. */
    static Publish message(String topic, String payload) {
        return new Publish(TopicName.of(topic), bytes(payload));
    }

    static Publish message(String topic, String payload, QoS qos, int packetId) {
        return new Publish(qos, false, TopicName.of(topic), packetId, bytes(payload));
    }

    static Publish retained(String topic, String payload) {
        return message(topic, payload).withRetain(true);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(Publish publish) {
        return decoded(publish.payload());
    }

    static String decoded(ByteBuffer utf8) {
        return StandardCharsets.UTF_8.decode(utf8).toString();
    }

    static List<String> texts(List<? extends Object> packets) {
        return packets.stream().flatMap(TestBroker::textOf).toList();
    }

    private static Stream<String> textOf(Object packet) {
        return packet instanceof Publish publish ? Stream.of(text(publish)) : Stream.empty();
    }
}
