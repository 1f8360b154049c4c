package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
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
import io.mqttx.broker.api.HandlerFactory;
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
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.SimulatedStorage;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A broker whose disk the test moves, and which is gone when the test says so. */
class DurabilityTest {
    private static final HandlerFactory ALLOW_ALL = client -> BrokerHandler.allowAll();

    private final ManualLoops loops = new ManualLoops(3);
    private SimulatedStorage storage =
            new SimulatedStorage().syncAfter(loops.all().get(0), 0);
    private TestBroker broker = new TestBroker(storage, options(), ALLOW_ALL, loops);

    private void start(BrokerOptions.Builder options, HandlerFactory handlers) {
        broker = new TestBroker(storage, options, handlers, loops);
        loops.run();
    }

    /** The process is gone, and another one begins with what was on the disk. */
    private void crash() {
        crash(options());
    }

    private void crash(BrokerOptions.Builder options) {
        loops.forgetEverything();
        storage = storage.crash();
        storage.syncAfter(loops.all().get(0), 0);
        start(options, ALLOW_ALL);
    }

    /** From now on nothing is safe until {@link #diskWorks}. */
    private void diskStops() {
        storage.syncAfter(loops.all().get(0), Duration.ofDays(1).toNanos());
    }

    private void diskWorks() {
        storage.syncAll();
        storage.syncAfter(loops.all().get(0), 0);
        loops.run();
    }

    private static Connect persistent(String clientId) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 3600L));
    }

    private MemoryClient subscriber(String clientId, QoS qos) {
        MemoryClient client = broker.connect(persistent(clientId));
        broker.subscribe(client, to("t/#", qos));
        return client;
    }

    private void leave(MemoryClient client) {
        client.close();
        loops.run();
    }

    private static List<PacketType> types(List<Packet> packets) {
        return packets.stream().map(Packet::type).toList();
    }

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
