package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.options;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What waits for the disk before it is answered, and what does not. */
class SafeAcknowledgementTest extends BrokerOnDisk {
    @Test
    void aMessageIsAcknowledgedWhenItIsSafeAndNotBefore() {
        for (QoS qos : List.of(QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE)) {
            // given
            leave(subscriber("s", QoS.EXACTLY_ONCE));
            MemoryClient publisher = broker.connect(persistent("p"));
            diskStops();

            // when
            publisher.send(message("t/1", "m", qos, 1));
            List<Packet> before = publisher.take();
            diskWorks();

            // then
            assertEquals(List.of(), before);
            assertEquals(
                    List.of(qos == QoS.AT_LEAST_ONCE ? PacketType.PUBACK : PacketType.PUBREC), types(publisher.take()));
        }
    }

    @Test
    void whatNobodyKeepsIsAcknowledgedAtOnce() {
        // given
        MemoryClient publisher = broker.connect("p");
        subscriber("s", QoS.AT_MOST_ONCE);
        diskStops();

        // when
        publisher.send(message("t/1", "m", QoS.AT_LEAST_ONCE, 1));

        // then
        assertEquals(List.of(new PubAck(1)), publisher.take());
    }

    @Test
    void aRetainedMessageIsAcknowledgedWhenItIsSafe() {
        // given
        MemoryClient publisher = broker.connect("p");
        diskStops();

        // when
        publisher.send(message("r", "m", QoS.AT_LEAST_ONCE, 1).withRetain(true));
        List<Packet> before = publisher.take();
        diskWorks();

        // then
        assertEquals(List.of(), before);
        assertEquals(PacketType.PUBACK, publisher.take().get(0).type());
    }

    @Test
    void aSubscriptionIsGrantedAndEndedWhenThatIsSafe() {
        // given
        MemoryClient client = broker.connect(persistent("c"));
        diskStops();

        // when
        client.send(new Subscribe(1, List.of(to("t/#", QoS.AT_LEAST_ONCE))));
        client.send(new Unsubscribe(2, List.of(TopicFilter.of("t/#"))));
        List<Packet> before = client.take();
        diskWorks();

        // then
        assertEquals(List.of(), before);
        assertEquals(List.of(PacketType.SUBACK, PacketType.UNSUBACK), types(client.take()));
    }

    @Test
    void aClientIsLetInWhenItsSessionIsSafeAndHearsNothingElseBefore() {
        // given
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        MemoryClient publisher = broker.connect("p");
        publisher.send(message("t/1", "m", QoS.AT_LEAST_ONCE, 1));
        loops.run();
        diskStops();

        // when
        MemoryClient client = broker.send(persistent("s"));
        client.send(PingReq.INSTANCE);
        List<Packet> before = client.take();
        diskWorks();

        // then
        assertEquals(List.of(), before);
        assertEquals(List.of(PacketType.CONNACK, PacketType.PUBLISH, PacketType.PINGRESP), types(client.take()));
    }

    @Test
    void whatNeedsNoDiskGoesOnWhileTheDiskIsSlow() {
        // given
        MemoryClient kept = subscriber("s", QoS.EXACTLY_ONCE);
        MemoryClient publisher = broker.connect(persistent("p"));
        diskStops();
        publisher.send(message("t/1", "waits", QoS.EXACTLY_ONCE, 1));
        loops.run();

        // when
        publisher.send(message("t/1", "passes", QoS.AT_MOST_ONCE, 0));
        publisher.send(PingReq.INSTANCE);
        MemoryClient guest = broker.connect("guest");

        // then
        assertEquals(List.of(PingResp.INSTANCE), publisher.take());
        assertEquals(List.of("passes"), texts(kept.take()));
        assertEquals(List.of(), broker.subscribe(guest, to("t/1", QoS.AT_MOST_ONCE)));
        diskWorks();
        assertEquals(List.of("waits"), texts(kept.take()));
    }

    @Test
    void aSessionThatEndsWithItsConnectionCostsNoDisk() {
        // given
        int before = storage.waiting();
        diskStops();

        // when
        MemoryClient client = broker.connect("c");
        broker.subscribe(client, to("t/#", QoS.EXACTLY_ONCE));
        client.send(message("t/1", "m", QoS.EXACTLY_ONCE, 1));
        loops.run();
        leave(client);

        // then
        assertEquals(before, storage.waiting());
    }

    @Test
    void aLateDecisionIsAnsweredWhenItIsSafeOnTheNextConnectionToo() {
        // given
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        start(options(), client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public PublishDecision onPublish(Message message) {
                return PublishDecision.later(decision);
            }
        });
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        MemoryClient first = broker.connect(persistent("p"));
        first.send(message("t/1", "m", QoS.AT_LEAST_ONCE, 1));
        MemoryClient second = broker.connect(persistent("p"));
        second.send(message("t/1", "m", QoS.AT_LEAST_ONCE, 1).again());
        diskStops();

        // when
        decision.complete(PublishDecision.route());
        loops.run();
        List<Packet> before = second.take();
        diskWorks();

        // then
        assertTrue(first.isClosed());
        assertEquals(List.of(), before);
        assertEquals(List.of(new PubAck(1)), second.take());
    }

    @Test
    void whatTheBrokerSaysOfItselfNeedsNoDisk() {
        // given
        storage.fail("the disk is full");

        // when
        broker.broker.publish(message("$SYS/broker/uptime", "9").withRetain(true));
        loops.run();
        MemoryClient client = broker.connect("c");
        client.send(new Subscribe(1, List.of(to("$SYS/#", QoS.AT_MOST_ONCE))));

        // then
        assertEquals(List.of("9"), texts(client.take()));
    }

    @Test
    void aClientThatDoesNotWaitForItsAnswersIsReadNoFurtherWhileTheDiskIsSlow() {
        // given
        MemoryClient client = broker.connect(persistent("c"));
        diskStops();

        // when
        for (int i = 1; i <= 5000; i++) {
            client.send(new Subscribe(i, List.of(to("t/" + i, QoS.AT_LEAST_ONCE))));
        }
        loops.run();
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        broker.broker.subscriptions("c").thenAccept(all -> taken.complete(all.size()));
        loops.run();
        diskWorks();

        // then
        assertTrue(taken.join() < 1200, () -> taken.join() + " subscriptions wait for the disk");
        loops.run();
        diskWorks();
        assertEquals(5000, client.take().size());
    }

    @Test
    void whatWaitsForTheDiskIsForgottenWithItsConnection() {
        // given
        MemoryClient client = broker.connect(persistent("c"));
        diskStops();
        client.send(new Subscribe(1, List.of(to("t/#", QoS.AT_LEAST_ONCE))));
        loops.run();

        // when
        leave(client);
        diskWorks();

        // then
        assertEquals(List.of(), broker.log.takeErrors());
        assertEquals(List.of(), client.take());
    }

    @Test
    void theApplicationIsToldWhenItsMessageIsSafe() {
        // given
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        diskStops();

        // when
        CompletableFuture<ReasonCode> told = broker.broker
                .publishSafely(message("t/1", "m", QoS.AT_LEAST_ONCE, 1))
                .toCompletableFuture();
        boolean before = told.isDone();
        diskWorks();

        // then
        assertFalse(before);
        assertEquals(ReasonCode.SUCCESS, told.join());
    }
}
