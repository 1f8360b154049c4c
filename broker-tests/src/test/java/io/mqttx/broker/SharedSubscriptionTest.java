package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.Connect;
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
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
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

    private static Connect stays(String clientId, long seconds) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, seconds));
    }

    /** Two persistent members, "first" and "second", and the messages 1 (QoS 1), 2 (QoS 1) at the first. */
    private static List<MemoryClient> twoMembersOneWithTwoMessages(TestBroker broker, QoS qos) {
        MemoryClient first = broker.connect(stays("first", 100));
        broker.subscribe(first, to("$share/g/a", QoS.EXACTLY_ONCE));
        broker.broker.publish(message("a", "1", qos, 1));
        broker.broker.publish(message("a", "2", qos, 1));
        broker.loops.run();
        MemoryClient second = broker.connect(stays("second", 100));
        broker.subscribe(second, to("$share/g/a", QoS.EXACTLY_ONCE));
        return List.of(first, second);
    }

    @Test
    @Statement("P5-72")
    void whatWasSentAndNotAcknowledgedWaitsForItsClientAndGoesToAnotherWhenTheSessionEnds() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = twoMembersOneWithTwoMessages(broker, QoS.AT_LEAST_ONCE);
            Publish sent = members.get(0).take(Publish.class).get(0);
            members.get(0).exchange(new PubAck(sent.packetId()));

            // when
            members.get(0).cut();
            List<Packet> whileAway = members.get(1).take();
            broker.advance(Duration.ofSeconds(101));

            // then
            assertEquals(List.of(), whileAway);
            List<Publish> passedOn = members.get(1).take(Publish.class);
            assertEquals(List.of("2"), texts(passedOn));
            assertFalse(passedOn.get(0).dup());
        }
    }

    @Test
    @Statement("P5-72")
    void aClientThatComesBackInTimeGetsItsOwnAgain() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = twoMembersOneWithTwoMessages(broker, QoS.AT_LEAST_ONCE);
            members.get(0).cut();

            // when
            List<Packet> again = broker.connectKeepingAll(stays("first", 100));
            broker.advance(Duration.ofSeconds(101));

            // then
            assertEquals(List.of("1", "2"), texts(again));
            assertEquals(List.of(), members.get(1).take());
        }
    }

    @Test
    @Statement("P5-72")
    void whatWasNotAcknowledgedMayGoToAnotherAsSoonAsTheConnectionIsLost() {
        SubscriptionOptions options = SubscriptionOptions.defaults().withPassOnWhenLost(true);
        try (TestBroker broker = new TestBroker(TestBroker.options().subscriptions(options))) {
            // given
            List<MemoryClient> members = twoMembersOneWithTwoMessages(broker, QoS.AT_LEAST_ONCE);

            // when
            members.get(0).cut();
            List<String> passedOn = texts(members.get(1).take());
            List<Packet> back = broker.connectKeepingAll(stays("first", 100));
            members.get(1).cut(); // and so on to the first, as none was acknowledged
            broker.loops.run();

            // then
            assertEquals(List.of("1", "2"), passedOn);
            assertEquals(List.of(), texts(back));
        }
    }

    @Test
    @Statement({"MQTT-4.8.2-4", "MQTT-4.8.2-5"})
    void qos2IsCompletedWithItsClientOrWithNobody() {
        SubscriptionOptions options = SubscriptionOptions.defaults().withPassOnWhenLost(true);
        try (TestBroker broker = new TestBroker(TestBroker.options().subscriptions(options))) {
            // given
            List<MemoryClient> members = twoMembersOneWithTwoMessages(broker, QoS.EXACTLY_ONCE);
            List<Publish> sent = members.get(0).take(Publish.class);
            members.get(0).exchange(new PubRec(sent.get(0).packetId()));

            // when
            members.get(0).cut();
            MemoryClient back = broker.send(stays("first", 100));
            List<Packet> again = back.take();
            back.cut();
            broker.advance(Duration.ofSeconds(101));

            // then
            assertEquals(
                    List.of(new PubRel(sent.get(0).packetId()), sent.get(1).again()), again.subList(1, again.size()));
            assertEquals(List.of(), members.get(1).take());
        }
    }

    @Test
    void whatWasNotSentYetGoesToAnotherWhenTheConnectionIsLostInItsOrder() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient narrow = broker.connect(stays("narrow", 100)
                    .withProperties(Properties.builder()
                            .add(Property.RECEIVE_MAXIMUM, 1)
                            .add(Property.SESSION_EXPIRY_INTERVAL, 100L)
                            .build()));
            broker.subscribe(narrow, to("$share/g/a", QoS.EXACTLY_ONCE), to("b", QoS.AT_LEAST_ONCE));
            broker.broker.publish(message("a", "1", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("b", "its own", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("a", "2", QoS.EXACTLY_ONCE, 1));
            broker.broker.publish(message("a", "3", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();
            MemoryClient other = broker.connect("other");
            broker.subscribe(other, to("$share/g/a", QoS.EXACTLY_ONCE));

            // when
            narrow.cut();
            broker.loops.run();

            // then
            assertEquals(List.of("2", "3"), texts(other.take()));
            MemoryClient back = broker.send(stays("narrow", 100));
            assertEquals(List.of("1", "its own"), texts(back.take()));
        }
    }

    @Test
    @Statement("P5-71")
    void aSharedSubscriptionEndsWithItsLastSessionAndSoDoesWhatWaitedInIt() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient last = broker.connect(stays("last", 10));
            broker.subscribe(last, to("$share/g/a", QoS.AT_LEAST_ONCE));
            last.cut();
            broker.broker.publish(message("a", "pending", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // when
            broker.advance(Duration.ofSeconds(11));
            MemoryClient next = broker.connect("next");
            broker.subscribe(next, to("$share/g/a", QoS.AT_LEAST_ONCE));

            // then
            assertEquals(List.of(), next.take());
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    @Statement(value = {"MQTT-3.10.4-2", "MQTT-3.10.4-3"})
    void whoLeavesTheGroupFinishesWhatWasSentAndLeavesTheRestToOthers() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient narrow = broker.connect(
                    new Connect(V5, "narrow", true).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 1)));
            broker.subscribe(narrow, to("$share/g/a", QoS.EXACTLY_ONCE));
            broker.broker.publish(message("a", "1", QoS.EXACTLY_ONCE, 1));
            broker.broker.publish(message("a", "2", QoS.AT_LEAST_ONCE, 1));
            Publish sent = narrow.take(Publish.class).get(0);
            MemoryClient other = broker.connect("other");
            broker.subscribe(other, to("$share/g/a", QoS.EXACTLY_ONCE));

            // when
            List<Packet> answers = narrow.exchange(
                    new Unsubscribe(1, List.of(TopicFilter.of("$share/g/a"))),
                    new PubRec(sent.packetId()),
                    new PubComp(sent.packetId()));

            // then
            assertEquals(List.of(new UnsubAck(1, List.of(ReasonCode.SUCCESS)), new PubRel(sent.packetId())), answers);
            assertEquals(List.of("2"), texts(other.take()));
        }
    }

    @Test
    @Statement({"P5-71", "MQTT-3.8.4-3"})
    void theSameSharedFilterTwiceCountsOnce() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> members = members(broker, "$share/g/a/b", 2);
            broker.subscribe(members.get(0), to("$share/g/a/b", QoS.AT_LEAST_ONCE));

            // when
            publish(broker, 4);
            int ofFirst = members.get(0).take().size();
            members.get(0).exchange(new Unsubscribe(1, List.of(TopicFilter.of("$share/g/a/b"))));
            publish(broker, 2);

            // then
            assertEquals(2, ofFirst);
            assertEquals(List.of(), members.get(0).take());
            assertEquals(4, members.get(1).take().size());
        }
    }

    @Test
    @Statement({"P5-70", "P5-71"})
    void groupsOfOtherNamesOrFiltersAndOneThatIsNotSharedGetTheirOwnCopies() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(
                    client,
                    to("$share/g/a/b", QoS.AT_MOST_ONCE),
                    to("$share/g/a/+", QoS.AT_MOST_ONCE),
                    to("$share/h/a/b", QoS.AT_MOST_ONCE),
                    to("a/b", QoS.AT_MOST_ONCE));

            // when
            broker.broker.publish(message("a/b", "m"));

            // then
            assertEquals(4, client.take().size());
        }
    }

    @Test
    @Statement("P5-47")
    void aMemberIsToldTheIdentifiersOfItsOwnSharedSubscriptionOnly() {
        try (TestBroker broker = new TestBroker()) {
            // given
            for (int i = 1; i <= 2; i++) {
                MemoryClient member = broker.connect("m" + i);
                member.exchange(
                        new Subscribe(
                                1,
                                List.of(to("$share/g/a", QoS.AT_MOST_ONCE)),
                                Properties.of(Property.SUBSCRIPTION_IDENTIFIER, i)),
                        new Subscribe(
                                2,
                                List.of(to("x", QoS.AT_MOST_ONCE)),
                                Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 9)));

                // when
                broker.broker.publish(message("a", "m"));
                List<Publish> got = member.take(Publish.class);
                member.exchange(new Unsubscribe(3, List.of(TopicFilter.of("$share/g/a"))));

                // then
                assertEquals(List.of(i), got.get(0).properties().all(Property.SUBSCRIPTION_IDENTIFIER));
            }
        }
    }

    @Test
    @Statement("P5-18")
    void aMessageTooLargeForOneMemberGoesToAnotherAndIsDroppedIfItIsTooLargeForAll() {
        try (TestBroker broker = new TestBroker()) {
            // given
            for (String name : List.of("small", "tiny")) {
                MemoryClient member = broker.connect(
                        new Connect(V5, name, true).withProperties(Properties.of(Property.MAXIMUM_PACKET_SIZE, 64L)));
                broker.subscribe(member, to("$share/g/a", QoS.AT_LEAST_ONCE));
            }
            MemoryClient large = broker.connect("large");
            broker.subscribe(large, to("$share/g/a", QoS.AT_LEAST_ONCE));
            String text = "x".repeat(100);

            // when
            IntStream.range(0, 6).forEach(i -> broker.broker.publish(message("a", text, QoS.AT_LEAST_ONCE, 1)));
            int toLarge = large.take(Publish.class).size();
            large.exchange(new Unsubscribe(1, List.of(TopicFilter.of("$share/g/a"))));
            broker.broker.publish(message("a", text, QoS.AT_MOST_ONCE, 0));
            broker.loops.run();

            // then
            assertEquals(6, toLarge);
            assertEquals(1, broker.events.take("dropped").size());
        }
    }

    @Test
    @Statement("P5-18")
    void aMessageThatWaitedForAClientThatTakesLessWhenItComesBackGoesToAnother() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient first = broker.connect(stays("first", 100));
            broker.subscribe(first, to("$share/g/a", QoS.AT_LEAST_ONCE));
            first.cut();
            broker.loops.run();
            broker.broker.publish(message("a", "x".repeat(100), QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();
            MemoryClient other = broker.connect("other");
            broker.subscribe(other, to("$share/g/a", QoS.AT_LEAST_ONCE));

            // when
            List<Packet> back = broker.connectKeepingAll(
                    stays("first", 100).withProperties(Properties.of(Property.MAXIMUM_PACKET_SIZE, 64L)));

            // then
            assertEquals(1, back.size());
            assertEquals(1, other.take(Publish.class).size());
            assertEquals(List.of(), broker.events.take("dropped"));
        }
    }

    @Test
    void aMemberWhoseWindowIsFullOrWhoDoesNotReadIsPassedOver() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxUnsent(1024))) {
            // given
            MemoryClient narrow = broker.connect(
                    new Connect(V5, "narrow", true).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 2)));
            MemoryClient deaf = broker.connect("deaf");
            MemoryClient quick = broker.connect("quick");
            for (MemoryClient member : List.of(narrow, deaf, quick)) {
                broker.subscribe(member, to("$share/g/a", QoS.AT_LEAST_ONCE));
            }
            deaf.stopReading();
            String large = "x".repeat(2000);

            // when
            MemoryClient publisher = broker.connect("p");
            for (int i = 0; i < 20; i++) {
                publisher.exchange(message("a", large, QoS.AT_LEAST_ONCE, 1));
            }
            int ofNarrow = narrow.take(Publish.class).size();
            int ofQuick = quick.take(Publish.class).size();
            deaf.startReading();

            // then
            assertEquals(2, ofNarrow);
            assertEquals(1, deaf.take(Publish.class).size());
            assertEquals(17, ofQuick);
        }
    }

    @Test
    void aBurstFromOneTurnOfALoopFillsNoWindowTwice() {
        try (TestBroker broker = new TestBroker()) {
            // given: one busy member, and nine with room for ten each
            List<MemoryClient> members = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                MemoryClient member = broker.connect(new Connect(V5, "m" + i, true)
                        .withProperties(Properties.of(Property.RECEIVE_MAXIMUM, i == 0 ? 1 : 10)));
                broker.subscribe(member, to("$share/g/a", QoS.AT_LEAST_ONCE));
                members.add(member);
            }

            // when
            Packet[] burst = IntStream.rangeClosed(1, 91)
                    .mapToObj(i -> message("a", "m" + i, QoS.AT_LEAST_ONCE, i))
                    .toArray(Packet[]::new);
            broker.connect("p").send(burst);

            // then
            List<Integer> sent = members.stream()
                    .map(member -> member.take(Publish.class).size())
                    .toList();
            assertEquals(List.of(1, 10, 10, 10, 10, 10, 10, 10, 10, 10), sent);
        }
    }

    @Test
    void aMessageOnItsWayToAMemberWhoLeavesOrIsLostMeanwhileGoesToAnother() {
        for (boolean leaves : List.of(true, false)) {
            try (TestBroker broker = new TestBroker()) {
                // given
                List<MemoryClient> members = members(broker, "$share/g/a/b", 4);

                // when: posted to the members' loops, which find them gone
                for (int i = 0; i < 8; i++) {
                    broker.broker.publish(message("a/b", "m" + i, QoS.AT_LEAST_ONCE, 1));
                }
                for (MemoryClient member : members.subList(0, 3)) {
                    if (leaves) {
                        member.send(new Unsubscribe(1, List.of(TopicFilter.of("$share/g/a/b"))));
                    } else {
                        member.cut();
                    }
                }
                broker.loops.run();

                // then: what was not sent before has moved
                long got = members.stream()
                        .mapToLong(member -> member.take(Publish.class).size())
                        .sum();
                assertTrue(got >= 8, () -> "only " + got + " of 8");
                broker.broker.publish(message("a/b", "last"));
                assertEquals(List.of("last"), texts(members.get(3).take()));
            }
        }
    }
}
