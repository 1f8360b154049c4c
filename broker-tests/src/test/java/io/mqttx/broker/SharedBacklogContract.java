package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.options;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Messages of a shared subscription of which the broker has only the numbers in memory: they go to other members as
 * those at hand do (§4.8.2).
 */
abstract class SharedBacklogContract {
    private static final int MANY = 300; // a member that is away has 16 of them at hand
    private static final long LASTING = 100; // seconds
    private static final Duration LONG_AGO = Duration.ofSeconds(LASTING + 1);

    final ManualLoops loops = new ManualLoops(3);
    TestBroker broker;

    /** A storage that has nothing yet. */
    abstract Storage begin();

    /** The process is gone; what a new one finds. */
    abstract Storage crash();

    /** Lets the storage and the loops come to rest. */
    abstract void settle();

    @BeforeEach
    void startBroker() {
        start(begin(), options());
    }

    @AfterEach
    void noErrorWasLogged() {
        assertEquals(List.of(), broker.log.takeErrors());
        broker.close();
    }

    void start(Storage storage, BrokerOptions.Builder options) {
        broker = new TestBroker(storage, options, client -> BrokerHandler.allowAll(), loops);
        settle();
    }

    static Connect stays(String clientId, int receiveMaximum) {
        return lasting(new Connect(V5, clientId, false), receiveMaximum);
    }

    static Connect startsClean(String clientId) {
        return lasting(new Connect(V5, clientId, true), 1);
    }

    private static Connect lasting(Connect connect, int receiveMaximum) {
        return connect.withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, LASTING)
                        .with(Property.RECEIVE_MAXIMUM, receiveMaximum));
    }

    private List<Packet> come(MemoryClient client, Connect connect) {
        client.send(connect);
        settle();
        return client.take();
    }

    MemoryClient member(Connect connect, String... filters) {
        MemoryClient client = broker.open(V5);
        come(client, connect);
        subscribe(client, filters);
        return client;
    }

    private void subscribe(MemoryClient client, String... filters) {
        for (String filter : filters) {
            client.send(new Subscribe(7, List.of(to(filter, QoS.AT_LEAST_ONCE))));
            settle();
        }
        client.take();
    }

    void leave(MemoryClient client) {
        client.cut();
        settle();
    }

    private List<String> publish(String topic, int from, int to) {
        List<String> payloads =
                IntStream.range(from, to).mapToObj(Integer::toString).toList();
        payloads.forEach(payload -> broker.broker.publish(message(topic, payload, QoS.AT_LEAST_ONCE, 1)));
        settle();
        return payloads;
    }

    /** A member that is away, and for which all of these wait. */
    List<String> awayWithMany() {
        leave(member(stays("away", 10), "$share/g/a"));
        return publish("a", 0, MANY);
    }

    /** Everything that comes to this client, each message acknowledged. */
    private List<String> all(MemoryClient client, List<Packet> first) {
        List<String> all = new ArrayList<>();
        for (List<Packet> some = first; !some.isEmpty(); some = client.take()) {
            texts(some).forEach(all::add);
            some.stream()
                    .filter(Publish.class::isInstance)
                    .forEach(each -> client.send(new PubAck(((Publish) each).packetId())));
            settle();
        }
        return all;
    }

    private List<String> all(MemoryClient client) {
        return all(client, client.take());
    }

    List<String> comesBackTo(String clientId) {
        MemoryClient client = broker.open(V5);
        return all(client, come(client, stays(clientId, 10)));
    }

    @Test
    void theyGoToOthersWhenTheSessionEndsInTheirOrder() {
        // given
        List<String> all = awayWithMany();
        MemoryClient other = member(stays("other", 10), "$share/g/a");

        // when
        broker.advance(LONG_AGO);
        settle();

        // then
        assertEquals(all, all(other));
        assertEquals(0, broker.broker.metrics().get("store/messages/count"));
    }

    @Test
    void whereverTheBrokerCrashesMeanwhileEachHasOneOwner() {
        // given
        List<String> all = awayWithMany();
        leave(member(stays("heir", 10), "$share/g/a"));
        MemoryClient again = broker.open(V5);

        // when
        again.send(new Connect(V5, "away", true)
                .withKeepAlive(0)
                .withProperties(stays("", 1).properties()));
        loops.run(); // the session has ended, and another of that client begins
        start(crash(), options());

        // then
        broker.advance(Duration.ofSeconds(1));
        settle();
        List<String> got = new ArrayList<>(comesBackTo("heir"));
        got.addAll(comesBackTo("away")); // if the crash came before all of it
        assertEquals(all, got);
    }

    @Test
    void theyGoToOthersWhenTheConnectionIsLostAndItsOwnMessagesStay() {
        // given
        awayWithMany();
        MemoryClient narrow = member(stays("away", 1), "own");
        List<String> own = publish("own", 1000, 1100);
        MemoryClient other = member(stays("other", 10), "$share/g/a");

        // when
        leave(narrow);

        // then
        List<String> rest = IntStream.range(1, MANY).mapToObj(Integer::toString).toList();
        assertEquals(rest, all(other));
        List<String> ownAndSent = new ArrayList<>(List.of("0"));
        ownAndSent.addAll(own);
        assertEquals(ownAndSent, comesBackTo("away"));
    }

    @Test
    void theyStayWhereTheyAreWhileOthersHaveNoRoom() {
        // given
        leave(member(stays("other", 10), "own"));
        leave(member(stays("away", 10), "$share/g/a"));
        List<String> all = publish("a", 0, MANY);
        publish("own", 0, 50);
        start(crash(), options().queue(new QueueOptions(60, 1 << 20, WhenFull.DROP_NEWEST)));
        MemoryClient other = broker.open(V5);
        List<Packet> sent = come(other, stays("other", 1)); // one is in flight, 49 wait
        subscribe(other, "$share/g/a");
        MemoryClient away = broker.open(V5);
        come(away, stays("away", 1)); // one is in flight, the others wait

        // when
        leave(away);

        // then
        List<String> moved = all(other, sent).stream().skip(50).toList();
        List<String> stayed = comesBackTo("away");
        assertEquals(11, moved.size());
        List<String> together = new ArrayList<>(stayed.subList(0, 1));
        together.addAll(moved);
        together.addAll(stayed.subList(1, stayed.size()));
        assertEquals(all, together);
        assertEquals(0, broker.broker.metrics().get("publish/messages/dropped/queue_full"));
    }

    @Test
    void theyGoToOthersWhenTheirClientLeavesTheGroup() {
        // given
        List<String> all = awayWithMany();
        MemoryClient other = member(stays("other", 10), "$share/g/a");
        MemoryClient narrow = broker.open(V5);
        List<Packet> sent = come(narrow, stays("away", 1));

        // when
        narrow.send(new Unsubscribe(8, List.of(TopicFilter.of("$share/g/a"))));
        settle();

        // then
        assertEquals(List.of("0"), all(narrow, sent));
        assertEquals(all.subList(1, MANY), all(other));
    }

    @Test
    void whoComesBackMeanwhileHasWhatWasNotGivenAwayYet() {
        // given
        List<String> all = awayWithMany();
        MemoryClient narrow = broker.open(V5);
        come(narrow, stays("away", 1));
        MemoryClient other = member(stays("other", 10), "$share/g/a");

        // when
        narrow.cut();
        loops.run();
        List<String> kept = comesBackTo("away");
        List<String> moved = all(other);

        // then
        List<String> together = new ArrayList<>(moved);
        together.addAll(kept);
        assertEquals(all.stream().sorted().toList(), together.stream().sorted().toList());
    }

    @Test
    void theyEndWithTheLastMember() {
        // given
        awayWithMany();

        // when
        broker.advance(LONG_AGO);
        settle();
        start(crash(), options());

        // then
        assertEquals(List.of(), all(member(stays("late", 10), "$share/g/a")));
        assertEquals(0, broker.broker.metrics().get("store/messages/count"));
        assertTrue(broker.broker.metrics().get("clients/total") <= 1);
    }
}
