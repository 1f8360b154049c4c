package io.mqttx.client;

import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.QoS;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterMethod;

/** The rules of Reactive Streams, as their own test kit checks them. A class of TestNG, which surefire runs with the others. */
public class StreamRulesTest extends FlowPublisherVerification<Message> {
    private static final long PATIENCE = 2000; // milliseconds for what has to come
    private static final long SILENCE = 50; // milliseconds in which nothing may come
    private static final int MANY = 10_000; // messages; more are a flood that does not end

    private final List<AutoCloseable> open = Collections.synchronizedList(new ArrayList<>());

    /** The kit makes it. */
    public StreamRulesTest() {
        super(new TestEnvironment(PATIENCE, SILENCE), PATIENCE);
    }

    /** So many messages on one filter, and then its end. */
    @Override
    public Flow.Publisher<Message> createFlowPublisher(long elements) {
        ScriptedServer server = new ScriptedServer();
        AtomicBoolean closed = new AtomicBoolean();
        server.on(PacketType.SUBSCRIBE, packet -> answer(server, (Subscribe) packet, elements, closed));
        MqttClient client = MqttClient.connect(server.options().build());
        open.addAll(List.of(() -> closed.set(true), server, client));
        Flow.Publisher<Message> stream = client.stream("a", QoS.AT_MOST_ONCE);
        return subscriber -> {
            stream.subscribe(subscriber);
            if (elements <= MANY) {
                CompletableFuture<?> ignored = client.unsubscribeAsync(List.of(TopicFilter.of("a")), Properties.EMPTY);
            }
        };
    }

    private static List<Packet> answer(
            ScriptedServer server, Subscribe subscribe, long elements, AtomicBoolean closed) {
        Packet message = ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0);
        SubAck granted = ScriptedServer.granted(subscribe);
        if (elements > MANY) {
            server.send(granted);
            Thread flood = new Thread(() -> {
                while (!closed.get()) {
                    server.send(message);
                }
            });
            flood.setDaemon(true);
            flood.start();
            return List.of();
        }
        List<Packet> answers = new ArrayList<>(List.of(granted));
        answers.addAll(Collections.nCopies((int) elements, message));
        return answers;
    }

    /** That of a client that is closed. */
    @Override
    public Flow.Publisher<Message> createFailedFlowPublisher() {
        try (ScriptedServer server = new ScriptedServer()) {
            MqttClient client = MqttClient.connect(server.options().build());
            client.close();
            return client.stream("a", QoS.AT_MOST_ONCE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends what a test has opened. */
    @AfterMethod
    public void closeAll() throws Exception {
        for (AutoCloseable each : List.copyOf(open)) {
            each.close();
        }
        open.clear();
    }
}
