package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.options;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a broker that begins again has of the one before it. */
class RestartTest extends BrokerOnDisk {
    @Test
    @Statement({"MQTT-4.1.0-1", "MQTT-4.1.0-2"})
    @Statement(
            value = {"MQTT-4.1.0-1", "MQTT-4.1.0-2"},
            version = Version.V3_1_1)
    void aSessionOutlivesTheBroker() {
        // given
        MemoryClient first = subscriber("s", QoS.EXACTLY_ONCE);
        MemoryClient publisher = broker.connect(persistent("p"));
        publisher.send(message("t/1", "unanswered", QoS.AT_LEAST_ONCE, 1));
        publisher.send(message("t/2", "received", QoS.EXACTLY_ONCE, 2));
        publisher.send(message("t/2", "unreleased", QoS.EXACTLY_ONCE, 3));
        publisher.take();
        List<Packet> sent = first.take();
        first.send(new PubRec(((Publish) sent.get(1)).packetId()));
        first.take();
        leave(first);
        publisher.send(message("t/1", "queued", QoS.AT_LEAST_ONCE, 4));
        publisher.take();

        // when
        crash();
        List<Packet> got = broker.connectKeepingAll(persistent("s"));
        MemoryClient again = broker.connect(persistent("p"));
        again.send(message("t/2", "received", QoS.EXACTLY_ONCE, 2).again());
        again.send(new PubRel(3));

        // then
        assertTrue(((ConnAck) got.get(0)).sessionPresent());
        assertEquals(new PubRel(((Publish) sent.get(1)).packetId()), got.get(1));
        assertEquals(List.of("unanswered", "unreleased", "queued"), texts(got));
        assertEquals(
                List.of(true, true, false),
                got.stream()
                        .filter(Publish.class::isInstance)
                        .map(each -> ((Publish) each).dup())
                        .toList());
        assertEquals(List.of(new PubRec(2), new PubComp(3)), again.take());
    }

    @Test
    @Statement("MQTT-4.6.0-6")
    @Statement(value = "MQTT-4.6.0-6", version = Version.V3_1_1)
    void whatTwoBrokersSentInTurnIsSentAgainByTheThirdInThatOrder() {
        // given
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        MemoryClient publisher = broker.connect("p");
        publisher.send(message("t/1", "by the first", QoS.AT_LEAST_ONCE, 1));
        publisher.send(message("t/1", "by the second", QoS.AT_LEAST_ONCE, 2));
        MemoryClient other = broker.connect(persistent("other"));
        broker.subscribe(other, to("o", QoS.AT_LEAST_ONCE));
        IntStream.range(3, 10).forEach(i -> publisher.send(message("o", "meanwhile", QoS.AT_LEAST_ONCE, i)));
        other.take().forEach(each -> other.send(new PubAck(((Publish) each).packetId())));
        assertEquals(List.of("by the first"), texts(broker.connectKeepingAll(withWindow("s", 1))));
        crash();
        assertEquals(List.of("by the first", "by the second"), texts(broker.connectKeepingAll(withWindow("s", 2))));

        // when
        crash();

        // then
        assertEquals(List.of("by the first", "by the second"), texts(broker.connectKeepingAll(withWindow("s", 2))));
    }

    private static Connect withWindow(String clientId, int receiveMaximum) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.builder()
                        .add(Property.SESSION_EXPIRY_INTERVAL, 3600L)
                        .add(Property.RECEIVE_MAXIMUM, receiveMaximum)
                        .build());
    }

    @Test
    void subscriptionsOutliveTheBrokerWithEverythingThatTheySay() {
        // given
        MemoryClient client = broker.connect(persistent("s"));
        client.send(new Subscribe(
                1,
                List.of(to("$share/g/x/+", QoS.AT_LEAST_ONCE), to("t/#", QoS.AT_LEAST_ONCE)),
                Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 7)));
        client.send(new Subscribe(2, List.of(to("gone", QoS.AT_LEAST_ONCE))));
        client.send(new Unsubscribe(3, List.of(TopicFilter.of("gone"))));
        client.take();
        leave(client);
        CompletableFuture<List<?>> before = new CompletableFuture<>();
        broker.broker.subscriptions("s").thenAccept(before::complete);
        loops.run();

        // when
        crash();
        CompletableFuture<List<?>> after = new CompletableFuture<>();
        broker.broker.subscriptions("s").thenAccept(after::complete);
        loops.run();

        // then
        assertEquals(2, before.join().size());
        assertEquals(List.copyOf(before.join()), List.copyOf(after.join()));
        MemoryClient publisher = broker.connect("p");
        publisher.send(message("x/1", "shared", QoS.AT_LEAST_ONCE, 1));
        loops.run();
        List<Packet> got = broker.connectKeepingAll(persistent("s"));
        assertEquals(List.of("shared"), texts(got));
        assertEquals(7, ((Publish) got.get(1)).properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0));
    }

    @Test
    void retainedMessagesOutliveTheBrokerAndExpireInTheirTime() {
        // given
        MemoryClient publisher = broker.connect("p");
        publisher.send(message("r/1", "stays", QoS.AT_LEAST_ONCE, 1).withRetain(true));
        publisher.send(message("r/2", "cleared", QoS.AT_LEAST_ONCE, 2).withRetain(true));
        publisher.send(message("r/2", "", QoS.AT_LEAST_ONCE, 3).withRetain(true));
        publisher.send(message("r/3", "expires", QoS.AT_LEAST_ONCE, 4)
                .withRetain(true)
                .withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 10L)));
        publisher.send(message("r/4", "expires later", QoS.AT_LEAST_ONCE, 5)
                .withRetain(true)
                .withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 30L)));
        publisher.take();

        // when
        loops.forgetEverything();
        loops.advance(Duration.ofSeconds(10));
        crash();
        List<Publish> found = broker.subscribe(broker.connect("c"), to("r/#", QoS.AT_MOST_ONCE));

        // then
        assertEquals(
                List.of("expires later", "stays"),
                texts(found).stream().sorted().toList());
        assertEquals(
                20,
                found.stream()
                        .filter(each -> each.topic().text().equals("r/4"))
                        .findFirst()
                        .orElseThrow()
                        .properties()
                        .number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
    }

    @Test
    void aSessionThatExpiredWhileTheBrokerWasAwayIsGoneAndItsWillIsPublished() {
        // given
        subscriber("watcher", QoS.EXACTLY_ONCE);
        Will will = new Will(
                TopicName.of("t/will"),
                bytes("gone"),
                QoS.AT_LEAST_ONCE,
                false,
                Properties.of(Property.WILL_DELAY_INTERVAL, 1000L));
        MemoryClient client = broker.connect(
                persistent("c").withWill(will).withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 20L)));
        broker.subscribe(client, to("t/#", QoS.AT_LEAST_ONCE));
        leave(client);

        // when
        loops.forgetEverything();
        loops.advance(Duration.ofSeconds(21));
        crash();

        // then
        assertEquals(List.of("gone"), texts(broker.connectKeepingAll(persistent("watcher"))));
        assertFalse(((ConnAck) broker.connectKeepingAll(persistent("c")).get(0)).sessionPresent());
    }

    @Test
    void theEndOfTheBrokerEndsConnectionsAndTheirWillsAreDueFromThenOn() {
        // given
        subscriber("watcher", QoS.EXACTLY_ONCE);
        Will atOnce = new Will(TopicName.of("t/1"), bytes("at once"), QoS.AT_LEAST_ONCE, false, Properties.EMPTY);
        Will later = new Will(
                TopicName.of("t/2"),
                bytes("later"),
                QoS.AT_LEAST_ONCE,
                false,
                Properties.of(Property.WILL_DELAY_INTERVAL, 5L));
        broker.connect(persistent("a").withWill(atOnce));
        broker.connect(persistent("b").withWill(later));
        MemoryClient goodbye = broker.connect(persistent("c").withWill(atOnce));
        goodbye.send(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
        loops.run();

        // when
        crash();
        MemoryClient watcher = broker.send(persistent("watcher"));
        List<String> first = texts(watcher.take());
        loops.advance(Duration.ofSeconds(5));

        // then
        assertEquals(List.of("at once"), first);
        assertEquals(List.of("later"), texts(watcher.take()));
    }

    @Test
    void aWillAfterARestartIsNoWayRoundTheHandler() {
        // given
        MemoryClient watcher = subscriber("watcher", QoS.EXACTLY_ONCE);
        Will will = new Will(TopicName.of("t/1"), bytes("forbidden"), QoS.AT_LEAST_ONCE, false, Properties.EMPTY);
        broker.connect(persistent("a").withWill(will));
        leave(watcher);

        // when
        loops.forgetEverything();
        storage = storage.crash();
        storage.syncAfter(loops.all().get(0), 0);
        start(options(), client -> new Silencer());

        // then
        assertEquals(List.of(), texts(broker.connectKeepingAll(persistent("watcher"))));
    }

    /** Lets everybody in, and nobody publish. */
    private static final class Silencer implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED);
        }
    }

    @Test
    void aLongQueueIsReadBackInOrderAndInPages() {
        // given
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        MemoryClient publisher = broker.connect("p");
        List<String> all = IntStream.range(0, 3000).mapToObj(Integer::toString).toList();
        for (String each : all) {
            publisher.send(message("t/1", each, QoS.AT_LEAST_ONCE, 1));
            loops.run();
            publisher.take();
        }

        // when
        for (boolean afterCrash : List.of(false, true)) {
            if (afterCrash) {
                crash();
            }
            MemoryClient client = broker.send(persistent("s"));
            List<String> got = new ArrayList<>();
            while (got.size() < (afterCrash ? 3000 : 1000)) {
                List<Packet> some = client.take();
                assertFalse(some.isEmpty(), () -> "nothing behind " + got.size());
                texts(some).forEach(got::add);
                if (afterCrash) {
                    some.stream()
                            .filter(Publish.class::isInstance)
                            .forEach(each -> client.send(new PubAck(((Publish) each).packetId())));
                }
            }

            // then
            assertEquals(all.subList(0, got.size()), got);
            leave(client);
        }
    }

    @Test
    void theLimitsOfAQueueHoldAcrossARestart() {
        for (WhenFull whenFull : List.of(WhenFull.DROP_NEWEST, WhenFull.DROP_OLDEST)) {
            // given
            BrokerOptions.Builder small = options().queue(new QueueOptions(3, 1 << 20, whenFull));
            crash(small);
            String name = "s" + whenFull;
            leave(subscriber(name, QoS.AT_LEAST_ONCE));
            MemoryClient publisher = broker.connect("p");
            for (int i = 0; i < 3; i++) {
                publisher.send(message("t/1", "" + i, QoS.AT_LEAST_ONCE, 1));
                publisher.take();
            }

            // when
            crash(options().queue(new QueueOptions(3, 1 << 20, whenFull)));
            MemoryClient again = broker.connect("p");
            again.send(message("t/1", "3", QoS.AT_LEAST_ONCE, 1));
            again.take();
            crash(options().queue(new QueueOptions(3, 1 << 20, whenFull)));

            // then
            List<String> left = whenFull == WhenFull.DROP_OLDEST ? List.of("1", "2", "3") : List.of("0", "1", "2");
            assertEquals(left, texts(broker.connectKeepingAll(persistent(name))), whenFull::name);
        }
    }

    @Test
    void dropsOfMessagesOnTheDiskAloneAreCounted() {
        // given
        crash(options().queue(new QueueOptions(3, 1 << 20, WhenFull.DROP_OLDEST)));
        leave(subscriber("s", QoS.AT_LEAST_ONCE));
        MemoryClient publisher = broker.connect("p");
        for (int i = 0; i < 3; i++) {
            publisher.send(message("t/1", "" + i, QoS.AT_LEAST_ONCE, 1));
            publisher.take();
        }
        crash(options().queue(new QueueOptions(3, 1 << 20, WhenFull.DROP_OLDEST)));

        // when
        MemoryClient again = broker.connect("p");
        again.send(message("t/1", "3", QoS.AT_LEAST_ONCE, 1));
        again.take();

        // then
        assertEquals(1, broker.broker.metrics().get("publish/messages/dropped/queue_full"));
    }
}
