package io.mqttx.server.crash;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the broker has to know besides messages, asked when everybody has finished. */
final class Checks {
    private static final int PATIENCE = 10_000; // ms for each packet

    private final Player.Scene scene;
    private final Changer changer;

    Checks(Player.Scene scene, Changer changer) {
        this.scene = scene;
        this.changer = changer;
    }

    /** On each topic the last message that was acknowledged is retained, or a later one. */
    void retained() throws IOException {
        Map<String, Integer> retained = new HashMap<>();
        try (Wire wire = Wire.open(scene.port, new Connect(ProtocolVersion.V5, "retained", true))) {
            wire.greeting();
            wire.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of("state/#"), QoS.AT_LEAST_ONCE))));
            wire.send(PingReq.INSTANCE);
            boolean last = false;
            while (!last) {
                Packet packet = wire.next(PATIENCE).orElseThrow(() -> new IOException("no PINGRESP"));
                last = packet instanceof PingResp;
                if (packet instanceof Publish publish) {
                    retained.put(publish.topic().toString(), Inbox.number(publish));
                    wire.send(new PubAck(publish.packetId()));
                }
            }
        }
        for (String topic : scene.ledger.topicsFrom("state/")) {
            int promised = scene.ledger.acknowledgedOn(topic);
            int found = retained.getOrDefault(topic, -1);
            if (found < promised) {
                scene.ledger.finding(
                        "on " + topic + " message " + found + " is retained, acknowledged was " + promised,
                        "retained",
                        promised);
            }
        }
    }

    /** The client that changes its subscriptions gets what it is subscribed to, and nothing else. */
    void subscriptions() throws IOException {
        int number;
        try (Wire wire = Wire.open(scene.port, new Connect(ProtocolVersion.V5, "prober", true))) {
            wire.greeting();
            number = scene.ledger.sending("prober", "", QoS.AT_LEAST_ONCE).number;
            int id = 0;
            for (String topic : Changer.topics()) {
                ByteBuffer payload = ByteBuffer.wrap(Inbox.payload(number, 0));
                wire.send(new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of(topic), ++id, payload));
            }
            for (int i = 0; i < id; i++) {
                if (wire.next(PATIENCE).isEmpty()) {
                    throw new IOException("no PUBACK");
                }
            }
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
        while (!changer.hasHeard(number)) {
            if (System.nanoTime() > deadline) {
                scene.ledger.finding("the client that changes its subscriptions does not get what it is subscribed to");
                return;
            }
            changer.pause(5);
        }
        changer.difference(number).ifPresent(what -> scene.ledger.finding(what, changer.id, number));
    }
}
