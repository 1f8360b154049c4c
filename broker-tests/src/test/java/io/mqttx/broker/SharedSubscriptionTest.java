package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedSubscriptionTest {

    private static List<MemoryClient> members(TestBroker broker, String filter, int count) {
        List<MemoryClient> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemoryClient member = broker.connect("m" + i);
            broker.subscribe(member, to(filter, QoS.AT_LEAST_ONCE));
            members.add(member);
        }
        return members;
    }

    private static void publish(TestBroker broker, int count) {
        MemoryClient publisher = broker.connect("p");
        IntStream.range(0, count).forEach(i -> publisher.exchange(message("a/b", Integer.toString(i))));
    }

    @Test
    void membersTakeTurnsAndOthersGetTheirOwnCopies() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = members(broker, "$share/g/a/+", 3);
            MemoryClient otherGroup = broker.connect("other");
            broker.subscribe(otherGroup, to("$share/h/a/+", QoS.AT_MOST_ONCE));
            MemoryClient plain = broker.connect("plain");
            broker.subscribe(plain, to("a/+", QoS.AT_MOST_ONCE));

            // when
            publish(broker, 9);

            // then
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        List.of("" + i, "" + (i + 3), "" + (i + 6)),
                        texts(members.get(i).take()));
            }
            assertEquals(9, otherGroup.take().size());
            assertEquals(9, plain.take().size());
        }
    }

    @Test
    void aMemberThatIsAwayIsSkippedAndIfAllAreOneOfThemGetsIt() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient away = broker.connectPersistent("away");
            broker.subscribe(away, to("$share/g/a/b", QoS.AT_LEAST_ONCE));
            MemoryClient there = broker.connect("there");
            broker.subscribe(there, to("$share/g/a/b", QoS.AT_LEAST_ONCE));
            away.cut();
            broker.loops.run();

            // when
            publish(broker, 4);
            List<Packet> first = there.take();
            there.cut();
            broker.loops.run();
            broker.connect("p").exchange(message("a/b", "waits", QoS.AT_LEAST_ONCE, 1));

            // then
            assertEquals(List.of("0", "1", "2", "3"), texts(first));
            assertEquals(
                    List.of("waits"), texts(broker.connectKeepingAll(new Connect(TestBroker.V311, "away", false))));
        }
    }

    @Test
    @Statement("MQTT-4.8.2-3")
    void eachMemberGetsMessagesAtItsOwnQos() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient zero = broker.connect("zero");
            broker.subscribe(zero, to("$share/g/a", QoS.AT_MOST_ONCE));
            MemoryClient two = broker.connect("two");
            broker.subscribe(two, to("$share/g/a", QoS.EXACTLY_ONCE));

            // when
            broker.connect("p")
                    .exchange(message("a", "1", QoS.EXACTLY_ONCE, 1), message("a", "2", QoS.EXACTLY_ONCE, 2));

            // then
            assertEquals(QoS.AT_MOST_ONCE, zero.take(Publish.class).get(0).qos());
            assertEquals(QoS.EXACTLY_ONCE, two.take(Publish.class).get(0).qos());
        }
    }

    @Test
    @Statement("MQTT-4.8.2-6")
    void whatAMemberRefusesIsOfferedToNobodyElse() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = members(broker, "$share/g/a/b", 2);
            broker.connect("p").exchange(message("a/b", "1", QoS.AT_LEAST_ONCE, 1));
            Publish got = members.get(0).take(Publish.class).get(0);

            // when
            members.get(0).exchange(new PubAck(got.packetId(), ReasonCode.UNSPECIFIED_ERROR));

            // then
            assertEquals(List.of(), members.get(0).take());
            assertEquals(List.of(), members.get(1).take());
        }
    }

    @Test
    void whoHasLeftTheGroupGetsNothingMore() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = members(broker, "$share/g/a/b", 2);

            // when
            members.get(0).exchange(new Unsubscribe(1, List.of(TopicFilter.of("$share/g/a/b"))));
            publish(broker, 2);

            // then
            assertEquals(List.of(), members.get(0).take());
            assertEquals(2, members.get(1).take().size());
        }
    }
}
