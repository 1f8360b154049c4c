package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A disk that is full or cannot be read, and is well again. */
class DiskTroubleTest extends BrokerOnDisk {
    @Test
    void whatCannotBeKeptIsRefusedAndTheRestIsServedUntilTheDiskIsWell() {
        // given
        MemoryClient subscriber = subscriber("s", QoS.AT_LEAST_ONCE);
        MemoryClient v5 = broker.connect("v5");
        MemoryClient v3 = broker.connect(new Connect(V311, "v3", true).withKeepAlive(0));
        MemoryClient kept = broker.connect(persistent("kept"));
        storage.fail("the disk is full");

        // when
        v5.send(message("t/1", "refused", QoS.AT_LEAST_ONCE, 1));
        v5.send(message("r", "refused", QoS.AT_LEAST_ONCE, 2).withRetain(true));
        v5.send(message("t/1", "at most once", QoS.AT_MOST_ONCE, 0));
        v5.send(message("other", "nobody's", QoS.AT_LEAST_ONCE, 3));
        v3.send(message("t/1", "refused", QoS.AT_LEAST_ONCE, 1));
        kept.send(new Subscribe(1, List.of(to("more", QoS.AT_LEAST_ONCE))));
        List<Packet> refused = broker.send(persistent("late")).take();

        // then
        assertEquals(
                List.of(
                        new PubAck(1, ReasonCode.QUOTA_EXCEEDED),
                        new PubAck(2, ReasonCode.QUOTA_EXCEEDED),
                        new PubAck(3, ReasonCode.NO_MATCHING_SUBSCRIBERS)),
                v5.take());
        assertEquals(List.of(), v3.take());
        assertTrue(v3.isClosed());
        assertEquals(List.of(new SubAck(1, List.of(ReasonCode.QUOTA_EXCEEDED))), kept.take());
        assertEquals(ReasonCode.QUOTA_EXCEEDED, ((ConnAck) refused.get(0)).reason());
        assertEquals(List.of("at most once"), texts(subscriber.take()));
        broker.connect("guest");

        // when
        storage.recover();
        loops.run();
        v5.send(message("t/1", "accepted", QoS.AT_LEAST_ONCE, 1));

        // then
        assertEquals(List.of(new PubAck(1)), v5.take());
        assertEquals(List.of("accepted"), texts(subscriber.take()));
        broker.connect(persistent("late"));
    }

    @Test
    @Statement(value = "MQTT-4.4.0-1", version = Version.V3_1_1)
    void aMessageWhoseClientCannotBeToldComesAgainWhenTheDiskIsWell() {
        for (QoS qos : List.of(QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE)) {
            // given
            MemoryClient subscriber = subscriber("s", QoS.AT_LEAST_ONCE);
            Connect persistent = new Connect(V311, "v3", false).withKeepAlive(0);
            MemoryClient publisher = broker.connect(persistent);
            storage.fail("the disk is full");
            publisher.send(message("t/1", "m", qos, 1));
            List<Packet> told = publisher.take();
            storage.recover();
            loops.run();

            // when
            MemoryClient again = broker.send(persistent);
            again.take();
            again.send(message("t/1", "m", qos, 1).again());
            loops.run();

            // then
            assertEquals(List.of(), told);
            assertTrue(publisher.isClosed());
            assertEquals(
                    List.of(qos == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC), types(again.take()));
            assertEquals(List.of("m"), texts(subscriber.take()));
            again.send(new PubRel(1));
            leave(again);
            leave(subscriber);
        }
    }

    @Test
    void aWillThatIsDueWhileTheDiskIsFullComesWhenTheDiskIsWell() {
        // given
        MemoryClient subscriber = subscriber("s", QoS.AT_LEAST_ONCE);
        MemoryClient client = broker.connect(new Connect(V5, "c", true)
                .withWill(new Will(TopicName.of("t/w"), bytes("will"), QoS.AT_LEAST_ONCE, false, Properties.EMPTY)));
        storage.fail("the disk is full");

        // when
        client.cut();
        List<Packet> before = subscriber.take();
        storage.recover();

        // then
        assertEquals(List.of(), before);
        assertEquals(List.of("will"), texts(subscriber.take()));
    }

    @Test
    void aQueueThatCannotBeReadForAWhileIsSaidInOneLineAndComesLater() {
        // given
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        List<String> all = IntStream.range(0, 40).mapToObj(Integer::toString).toList();
        all.forEach(each -> broker.broker.publish(message("t/1", each, QoS.AT_LEAST_ONCE, 1)));
        loops.run();
        storage.failReads("the disk cannot be read");

        // when
        MemoryClient client = broker.send(persistent("s"));
        List<String> got = new ArrayList<>(texts(client.take()));
        loops.advance(Duration.ofSeconds(10)); // it is tried again and again
        List<String> said = broker.log.takeErrors();
        List<Packet> meanwhile = client.exchange(PingReq.INSTANCE);
        storage.recover();
        loops.advance(Duration.ofSeconds(1));
        got.addAll(texts(client.take()));

        // then
        assertEquals(List.of("the queue of client \"s\" cannot be read: the disk cannot be read"), said);
        assertEquals(List.of(), broker.log.takeTraces());
        assertEquals(List.of(PingResp.INSTANCE), meanwhile);
        assertEquals(all, got);
    }
}
