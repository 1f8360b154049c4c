package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.QoS;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A process that publishes numbered messages at QoS 2 until it is killed, or has published enough. */
final class KilledClient {
    private KilledClient() {}

    /** Port, directory of the session, name of this run, number of messages. */
    public static void main(String[] args) {
        ClientOptions options = ClientOptions.builder()
                .host("127.0.0.1")
                .port(Integer.parseInt(args[0]))
                .clientId("killed")
                .cleanStart(false)
                .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L))
                .requestTimeout(Duration.ofSeconds(20))
                .maxInflight(10)
                .sessionStore(SessionStore.inFiles(Path.of(args[1])))
                .build();
        try (MqttClient client = MqttClient.connect(options)) {
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < Integer.parseInt(args[3]); i++) {
                byte[] payload = (args[2] + "-" + i).getBytes(StandardCharsets.UTF_8);
                if (i % 10 == 9) {
                    client.publish("killed", payload, QoS.EXACTLY_ONCE); // waits for the window
                } else {
                    all.add(client.publishAsync("killed", payload, QoS.EXACTLY_ONCE));
                }
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        }
    }
}
