package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.options;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.packet.Connect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** QoS 1 messages whose receivers are faster than the disk. */
class AnsweredInTimeTest {
    private static final Duration GRACE = Duration.ofMillis(10); // and more than that

    private final ManualLoops loops = new ManualLoops(1);
    private SimulatedStorage storage =
            new SimulatedStorage().syncAfter(loops.all().get(0), 0);
    private TestBroker broker = start(options());

    private TestBroker start(BrokerOptions.Builder options) {
        TestBroker started = new TestBroker(storage, options, client -> BrokerHandler.allowAll(), loops);
        loops.run();
        return started;
    }

    private void crash() {
        loops.forgetEverything();
        storage = storage.crash().syncAfter(loops.all().get(0), 0);
        broker = start(options());
    }

    /** From now on nothing is safe until {@link #diskWorks}, and the storage has enough to do. */
    private void diskStops() {
        storage.syncAfter(loops.all().get(0), Duration.ofDays(1).toNanos());
        MemoryClient busy = broker.connect("busy");
        busy.close();
        loops.run();
        for (int i = 0; i < 2; i++) {
            broker.send(persistent("busy" + i)); // let in when that is safe
        }
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

    private MemoryClient subscriber(String clientId, String filter) {
        MemoryClient client = broker.connect(persistent(clientId));
        broker.subscribe(client, to(filter, QoS.AT_LEAST_ONCE));
        return client;
    }

    private List<String> comesBack(String clientId) {
        return texts(broker.connectKeepingAll(persistent(clientId)));
    }

    /** Makes the broker expect that clients answer in time. */
    private void answersComeInTime(MemoryClient publisher) {
        MemoryClient prompt = subscriber("prompt", "prompt");
        diskStops();
        publisher.send(message("prompt", "one", QoS.AT_LEAST_ONCE, 1));
        assertEquals("one", answer(prompt));
        assertEquals(List.of(new PubAck(1)), publisher.take());
        diskWorks();
    }

    /** The client acknowledges the one message that it got. */
    private static String answer(MemoryClient client) {
        Publish publish = (Publish) client.take().get(0);
        client.send(new PubAck(publish.packetId()));
        return text(publish);
    }

    @Test
    void whatAllReceiversHaveIsAcknowledgedThoughTheDiskStandsAndNeverWritten() {
        // given
        MemoryClient publisher = broker.connect("p");
        MemoryClient one = subscriber("one", "t");
        MemoryClient two = subscriber("two", "t");
        diskStops();
        int before = storage.waiting();

        // when
        publisher.send(message("t", "m", QoS.AT_LEAST_ONCE, 1));
        answer(one);
        List<?> early = publisher.take();
        answer(two);

        // then
        assertEquals(List.of(), early);
        assertEquals(List.of(new PubAck(1)), publisher.take());
        assertEquals(before, storage.waiting());
        diskWorks();
        crash();
        assertEquals(List.of(), comesBack("one"));
    }

    @Test
    void whatOneReceiverDoesNotAnswerInTimeIsKeptForItAlone() {
        // given
        MemoryClient publisher = broker.connect("p");
        MemoryClient one = subscriber("one", "t");
        subscriber("two", "t");
        answersComeInTime(publisher);

        // when
        publisher.send(message("t", "m", QoS.AT_LEAST_ONCE, 2));
        answer(one);
        List<?> early = publisher.take();
        broker.advance(GRACE);

        // then
        assertEquals(List.of(), early);
        assertEquals(List.of(new PubAck(2)), publisher.take());
        crash();
        assertEquals(List.of(), comesBack("one"));
        assertEquals(List.of("m"), comesBack("two"));
    }

    @Test
    void whereClientsDoNotAnswerInTimeNothingWaitsForThem() {
        // given
        MemoryClient publisher = broker.connect("p");
        subscriber("s", "t");
        answersComeInTime(publisher);
        publisher.send(message("t", "late", QoS.AT_LEAST_ONCE, 2));
        broker.advance(GRACE);
        publisher.take();

        // when
        publisher.send(message("t", "m", QoS.AT_LEAST_ONCE, 3));

        // then
        assertEquals(List.of(new PubAck(3)), publisher.take());
    }

    @Test
    void answersOfLaterTurnsDoNotOvertakeThoseThatWaitForTheDisk() {
        // given
        MemoryClient publisher = broker.connect(persistent("p"));
        MemoryClient subscriber = subscriber("s", "t");
        diskStops();

        // when
        publisher.send(new Subscribe(1, List.of(to("u", QoS.AT_LEAST_ONCE))));
        publisher.send(message("t", "m", QoS.AT_LEAST_ONCE, 2));
        answer(subscriber);
        List<?> early = publisher.take();
        diskWorks();

        // then
        assertEquals(List.of(), early);
        assertEquals(
                List.of(PacketType.SUBACK, PacketType.PUBACK),
                publisher.take().stream().map(packet -> packet.type()).toList());
    }

    @Test
    void aQoS2PublisherIsAnsweredWhenItsIdentifierIsSafeWhateverTheReceiversSay() {
        // given
        MemoryClient publisher = broker.connect(persistent("p"));
        MemoryClient subscriber = subscriber("s", "t");
        diskStops();

        // when
        publisher.send(message("t", "m", QoS.EXACTLY_ONCE, 1));
        answer(subscriber);

        // then
        assertEquals(List.of(), publisher.take());
    }

    @Test
    void aMessageThatGoesToAnotherMemberIsAcknowledgedWhenThatOneHasItOrItIsKept() {
        // given
        broker.close();
        broker = start(options().subscriptions(SubscriptionOptions.defaults().withPassOnWhenLost(true)));
        MemoryClient publisher = broker.connect("p");
        answersComeInTime(publisher);
        MemoryClient first = subscriber("first", "$share/g/t");
        MemoryClient second = subscriber("second", "$share/g/t");
        diskStops();

        // when
        publisher.send(message("t", "n", QoS.AT_LEAST_ONCE, 2));
        MemoryClient lost = texts(first.take()).isEmpty() ? second : first;
        lost.close();
        loops.run();

        // then
        assertEquals(List.of(), publisher.take());
        diskWorks();
        broker.advance(GRACE);
        assertEquals(List.of(new PubAck(2)), publisher.take());
    }

    @Test
    void whatIsHeldBackWhenTheBrokerStopsIsKept() {
        // given
        MemoryClient publisher = broker.connect("p");
        subscriber("s", "t");
        answersComeInTime(publisher);
        publisher.send(message("t", "m", QoS.AT_LEAST_ONCE, 2));

        // when
        broker.close();
        crash();

        // then
        assertEquals(List.of("m"), comesBack("s"));
    }
}
