package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.ClientHandler;
import io.mqttx.client.ClientOptions;
import io.mqttx.client.DisconnectReason;
import io.mqttx.client.Message;
import io.mqttx.client.MqttClient;
import io.mqttx.client.NotConnectedException;
import io.mqttx.client.ProxyOptions;
import io.mqttx.client.ReconnectOptions;
import io.mqttx.client.TlsOptions;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Properties;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every call inside of callbacks, over every transport: nobody waits for ever. */
@Timeout(60)
class ClientCallbacksIT {
    private enum Place {
        CONNECTED,
        MESSAGE,
        SUBSCRIPTION,
        DISCONNECTED,
        RECONNECTING
    }

    private enum Call {
        PUBLISH,
        PUBLISH_ASYNC,
        SUBSCRIBE,
        SUBSCRIBE_ASYNC,
        UNSUBSCRIBE,
        UNSUBSCRIBE_ASYNC,
        REQUEST,
        ACKNOWLEDGE,
        DISCONNECT,
        CLOSE
    }

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static PeerServer server;
    private static RelayingProxy proxy;
    private static MqttClient other;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.in(folder).issue("server");
        server = PeerServer.start(PeerServer.Kind.MQTTX, folder, certificates);
        proxy = new RelayingProxy();
        other = MqttClient.connect(ClientOptions.of("localhost", server.port("mqtt")));
        other.subscribe("ask", QoS.AT_LEAST_ONCE, request -> {
            CompletableFuture<?> ignored = other.respond(request, new byte[0], QoS.AT_LEAST_ONCE);
        });
    }

    @AfterAll
    static void stop() throws Exception {
        other.close();
        server.close();
        proxy.close();
    }

    static Stream<Arguments> everything() {
        return Stream.of("mqtt", "mqtts", "ws", "wss", "wss through a proxy")
                .flatMap(way -> Stream.of(Place.values())
                        .flatMap(place -> Stream.of(Call.values()).map(call -> Arguments.of(way, place, call))));
    }

    @ParameterizedTest
    @MethodSource("everything")
    void everyCallComesToItsEndInsideOfEveryCallback(String way, Place place, Call call) throws Exception {
        String scheme = way.split(" ", -1)[0];
        Inside inside = new Inside(place, call);
        try (CuttingRelay relay = new CuttingRelay(server.port(scheme));
                MqttClient client = MqttClient.connect(options(way, scheme, relay), inside)) {
            String topic = "inside/" + way.replace(' ', '-') + "/" + place + "/" + call;
            switch (place) {
                case CONNECTED -> {}
                case MESSAGE -> {
                    client.subscribe(topic, QoS.AT_LEAST_ONCE);
                    other.publish(topic, new byte[1], QoS.AT_LEAST_ONCE);
                }
                case SUBSCRIPTION -> {
                    client.subscribe(
                            topic,
                            QoS.AT_LEAST_ONCE,
                            message -> inside.reach(Place.SUBSCRIPTION, client, List.of(message)));
                    other.publish(topic, new byte[1], QoS.AT_LEAST_ONCE);
                }
                case DISCONNECTED, RECONNECTING -> relay.cut();
            }

            String outcome = inside.outcome.get(20, TimeUnit.SECONDS);

            boolean offline = place == Place.DISCONNECTED || place == Place.RECONNECTING;
            boolean needsConnection = call != Call.DISCONNECT && call != Call.CLOSE && call != Call.ACKNOWLEDGE;
            assertEquals(offline && needsConnection ? NotConnectedException.class.getSimpleName() : "done", outcome);
            relay.mend();
        }
        assertTrue(inside.outcome.isDone());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtt", "mqtts", "ws", "wss", "wss through a proxy"})
    void messagesComeAfterASilenceInWhichTheReaderHasGone(String way) throws Exception {
        String scheme = way.split(" ", -1)[0];
        String topic = "silence/" + way.replace(' ', '-');
        BlockingQueue<String> came = new LinkedBlockingQueue<>();
        try (CuttingRelay relay = new CuttingRelay(server.port(scheme));
                MqttClient client = MqttClient.connect(options(way, scheme, relay))) {
            client.subscribe(topic, QoS.AT_LEAST_ONCE, message -> came.add(message.text()));
            String large = "x".repeat(100_000);

            for (String payload : List.of("one", large, "three")) {
                awaitThat(() -> !isThread("mqttx-localhost-reader"));
                other.publish(topic, payload.getBytes(StandardCharsets.UTF_8), QoS.AT_LEAST_ONCE);
                assertEquals(payload, came.poll(20, TimeUnit.SECONDS));
            }

            awaitThat(() -> !isThread("mqttx-localhost-reader"));
            relay.cut();
            awaitThat(() -> !client.isConnected());
        }
    }

    private static boolean isThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "in time");
            Thread.onSpinWait();
        }
    }

    private static ClientOptions options(String way, String scheme, CuttingRelay relay) {
        ClientOptions.Builder options = ClientOptions.builder()
                .manualAcknowledgement(true)
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofSeconds(30))
                        .build());
        if (PeerServer.hasTls(scheme)) {
            options.tls(TlsOptions.defaults().withAuthorities(certificates.ca()));
        }
        if (way.endsWith("proxy")) {
            options.proxy(
                    ProxyOptions.http("127.0.0.1", proxy.port()).withLogin(RelayingProxy.USER, RelayingProxy.PASSWORD));
        }
        return options.server(scheme + "://localhost:" + relay.port()).build();
    }

    /** Does something in one of the callbacks, and remembers how that went. */
    private static final class Inside implements ClientHandler {
        final CompletableFuture<String> outcome = new CompletableFuture<>();
        private final List<Message> kept = new ArrayList<>();
        private final Place place;
        private final Call call;

        Inside(Place place, Call call) {
            this.place = place;
            this.call = call;
        }

        void reach(Place here, MqttClient client, List<Message> messages) {
            kept.addAll(messages);
            if (here != place) {
                return;
            }
            try {
                perform(client);
                outcome.complete("done");
            } catch (CompletionException e) {
                outcome.complete(e.getCause().getClass().getSimpleName());
            } catch (RuntimeException e) {
                outcome.complete(e.getClass().getSimpleName());
            }
        }

        private void perform(MqttClient client) {
            byte[] payload = "x".getBytes(StandardCharsets.UTF_8);
            switch (call) {
                case PUBLISH -> client.publish("x", payload, QoS.EXACTLY_ONCE);
                case PUBLISH_ASYNC ->
                    client.publishAsync("x", payload, QoS.EXACTLY_ONCE).join();
                case SUBSCRIBE -> client.subscribe("x", QoS.EXACTLY_ONCE);
                case SUBSCRIBE_ASYNC ->
                    client.subscribeAsync(
                                    List.of(new Subscription(TopicFilter.of("x"), QoS.AT_MOST_ONCE)), Properties.EMPTY)
                            .join();
                case UNSUBSCRIBE -> client.unsubscribe("x");
                case UNSUBSCRIBE_ASYNC ->
                    client.unsubscribeAsync(List.of(TopicFilter.of("x")), Properties.EMPTY)
                            .join();
                case REQUEST ->
                    client.request("ask", payload, QoS.AT_LEAST_ONCE, Duration.ofSeconds(10))
                            .join();
                case ACKNOWLEDGE -> kept.forEach(client::acknowledge);
                case DISCONNECT -> client.disconnect();
                case CLOSE -> client.close();
            }
        }

        @Override
        public void onConnected(MqttClient client, ConnAck connAck) {
            reach(Place.CONNECTED, client, List.of());
        }

        @Override
        public void onMessage(MqttClient client, Message message) {
            reach(Place.MESSAGE, client, List.of(message));
        }

        @Override
        public void onDisconnected(MqttClient client, DisconnectReason reason) {
            reach(Place.DISCONNECTED, client, List.of());
        }

        @Override
        public void onReconnecting(MqttClient client, DisconnectReason reason, Duration delay) {
            reach(Place.RECONNECTING, client, List.of());
        }
    }
}
