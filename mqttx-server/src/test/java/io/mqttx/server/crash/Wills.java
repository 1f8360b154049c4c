package io.mqttx.server.crash;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * In each round somebody leaves a will, and is connected when the broker is killed: that is the end of the connection.
 * The session lasts beyond it, since that of one that does not is not kept, nor is its will.
 */
final class Wills {
    private final Player.Scene scene;
    private final Random random;
    private Wire wire; // null: none

    private Ledger.Sent will;

    Wills(Player.Scene scene, Random random) {
        this.scene = scene;
        this.random = random;
    }

    void leaveOne() {
        QoS qos = random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
        will = scene.ledger.sending("testator", "will/" + qos.code(), qos);
        long delay = random.nextInt(2);
        Connect connect = new Connect(ProtocolVersion.V5, "testator-" + will.number, true)
                .withWill(new Will(
                        TopicName.of(will.topic),
                        ByteBuffer.wrap(Inbox.payload(will.number, 10)),
                        qos,
                        false,
                        Properties.of(Property.WILL_DELAY_INTERVAL, delay)))
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1L + random.nextInt(20)));
        scene.ledger.tell(
                "testator", "leaves it, with a delay of " + delay + " s, in " + connect.properties(), will.number);
        try {
            wire = Wire.open(scene.port, connect);
            if (wire.greeting().reason() != ReasonCode.SUCCESS) {
                end();
            }
        } catch (IOException e) {
            scene.ledger.finding("testator cannot connect: " + e);
        }
    }

    /** The broker was killed: from now on the will is due. */
    void brokerEnded() throws IOException {
        if (wire != null) {
            scene.ledger.acknowledged(will);
            end();
        }
    }

    private void end() throws IOException {
        wire.close();
        wire = null;
    }
}
