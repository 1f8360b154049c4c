package io.mqttx.broker.socket;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Listener;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
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
import io.mqttx.testkit.ByteClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import io.mqttx.transport.netty.NettyTransport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A broker behind a real socket, and what clients do with it again and again. */
final class SocketBroker implements AutoCloseable {
    static final ProtocolVersion V311 = ProtocolVersion.V3_1_1;
    static final ProtocolVersion V5 = ProtocolVersion.V5;
    static final String MARK = "mark";

    private final Broker broker;
    private final List<ByteClient> clients = new ArrayList<>();

    SocketBroker(BrokerOptions.Builder options, HandlerFactory handlers) {
        broker = Broker.builder()
                .transport(new NettyTransport(2))
                .handler(handlers)
                .options(options.sysInterval(Duration.ZERO).build())
                .listen(Listener.tcp("127.0.0.1", 0))
                .start();
    }

    SocketBroker() {
        this(BrokerOptions.builder(), client -> BrokerHandler.allowAll());
    }

    /** A connection without CONNECT. */
    ByteClient open(ProtocolVersion version) {
        ByteClient client = ByteClient.connect(broker.ports().get(0), version);
        clients.add(client);
        return client;
    }

    /** A client that is in. */
    ByteClient connect(Connect connect) {
        return connect(connect, false);
    }

    /** A client that is in, with or without its former session. */
    ByteClient connect(Connect connect, boolean sessionPresent) {
        ByteClient client = open(connect.version());
        ConnAck ack = client.exchange(ConnAck.class, connect);
        if (ack.reason() != ReasonCode.SUCCESS || ack.sessionPresent() != sessionPresent) {
            throw new AssertionError(ack);
        }
        return client;
    }

    ByteClient connect(ProtocolVersion version, String clientId) {
        return connect(new Connect(version, clientId, true).withKeepAlive(60));
    }

    /** Closes the connections of all clients, and forgets them. */
    void dropClients() {
        clients.forEach(ByteClient::close);
        clients.clear();
    }

    @Override
    public void close() {
        dropClients();
        broker.close();
    }

    /** Subscribes to the filters and to the mark, and gives what was granted for the filters. */
    static List<ReasonCode> subscribe(ByteClient client, Subscription... subscriptions) {
        List<Subscription> all = new ArrayList<>(List.of(subscriptions));
        all.add(to(MARK, QoS.AT_MOST_ONCE));
        SubAck ack = client.exchange(SubAck.class, new Subscribe(1, all));
        return ack.reasons().subList(0, subscriptions.length);
    }

    static Subscription to(String filter, QoS qos) {
        return new Subscription(TopicFilter.of(filter), qos);
    }

    static Publish message(String topic, String payload, QoS qos) {
        return new Publish(qos, false, TopicName.of(topic), qos == QoS.AT_MOST_ONCE ? 0 : 77, utf8(payload));
    }

    /** Publishes and waits until the broker has taken it over. */
    static void publish(ByteClient client, Publish message) {
        client.send(message);
        if (message.qos() == QoS.AT_LEAST_ONCE) {
            client.expect(PubAck.class);
        } else if (message.qos() == QoS.EXACTLY_ONCE) {
            client.expect(PubRec.class);
            client.exchange(PubComp.class, new PubRel(message.packetId()));
        }
    }

    /** The next message, answered as its QoS wants it. */
    static Publish receive(ByteClient client) {
        Publish got = client.expect(Publish.class);
        if (got.qos() == QoS.AT_LEAST_ONCE) {
            client.send(new PubAck(got.packetId()));
        } else if (got.qos() == QoS.EXACTLY_ONCE) {
            client.send(new PubRec(got.packetId()));
            PubRel release = client.expect(PubRel.class);
            client.send(new PubComp(release.packetId()));
        }
        return got;
    }

    /** Marks the end of what {@code publisher} has published, and gives what came to {@code subscriber} before. */
    static List<Publish> receiveUntilMark(ByteClient subscriber, ByteClient publisher) {
        publisher.send(message(MARK, "", QoS.AT_MOST_ONCE));
        List<Publish> before = new ArrayList<>();
        boolean marked = false;
        int unreleased = 0;
        while (!marked || unreleased > 0) {
            Packet packet = subscriber.next();
            if (packet instanceof PubRel release) {
                subscriber.send(new PubComp(release.packetId()));
                unreleased--;
                continue;
            }
            Publish got = (Publish) packet;
            if (got.topic().text().equals(MARK)) {
                marked = true;
                continue;
            }
            before.add(got);
            if (got.qos() == QoS.AT_LEAST_ONCE) {
                subscriber.send(new PubAck(got.packetId()));
            } else if (got.qos() == QoS.EXACTLY_ONCE) {
                subscriber.send(new PubRec(got.packetId()));
                unreleased++;
            }
        }
        return before;
    }

    static List<String> texts(List<Publish> messages) {
        return messages.stream().map(SocketBroker::text).toList();
    }

    static String text(Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static Properties expiry(long seconds) {
        return Properties.of(Property.SESSION_EXPIRY_INTERVAL, seconds);
    }

    static void goodbye(ByteClient client) {
        client.send(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
        client.expectClosed();
    }
}
