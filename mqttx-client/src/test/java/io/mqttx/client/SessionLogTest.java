package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowReplay;
import io.mqttx.protocol.flow.FlowSnapshot;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SessionLogTest {
    private static final FlowSnapshot<Publish> EMPTY = new FlowReplay<Publish>().snapshot();

    /** A life of a session: a random change each time, in an order that may happen. */
    private static List<FlowChange<Publish>> changes(Random random, int count) {
        List<FlowChange<Publish>> changes = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            int id = 1 + random.nextInt(20);
            changes.add(
                    switch (random.nextInt(5)) {
                        case 0 -> new FlowChange.Released<>(id);
                        case 1 -> new FlowChange.Completed<>(id);
                        case 2 -> new FlowChange.Received<>(id);
                        case 3 -> new FlowChange.Concluded<>(id);
                        default -> published(id, random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE, "x" + i);
                    });
        }
        return changes;
    }

    private static FlowChange<Publish> published(int id, QoS qos, String payload) {
        Publish message = ScriptedServer.message("a/b", payload, qos, id)
                .withProperties(Properties.of(Property.CONTENT_TYPE, "text"));
        return new FlowChange.Published<>(id, qos, message);
    }

    @Test
    void aLogCutAtAnyByteTellsTheStateBehindTheLastWholeChange() {
        // given
        List<FlowChange<Publish>> changes = changes(new Random(7), 60);
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(SessionLog.beginningWith(EMPTY, List.of()));
        FlowReplay<Publish> replay = new FlowReplay<>();
        List<Integer> ends = new ArrayList<>(List.of(log.size()));
        List<FlowSnapshot<Publish>> states = new ArrayList<>(List.of(EMPTY));
        for (FlowChange<Publish> change : changes) {
            log.writeBytes(SessionLog.record(change));
            replay.apply(change);
            ends.add(log.size());
            states.add(replay.snapshot());
        }
        byte[] whole = log.toByteArray();

        // when, then
        int known = -1;
        for (int cut = 0; cut <= whole.length; cut++) {
            if (known + 1 < ends.size() && cut == ends.get(known + 1)) {
                known++;
            }
            SessionLog.Contents contents = SessionLog.read(Arrays.copyOf(whole, cut));
            assertEquals(known < 0 ? EMPTY : states.get(known), contents.flows(), "cut at " + cut);
            assertTrue(contents.length() <= cut);
        }
    }

    @Test
    void aDamagedByteAnywhereIsFoundAndNothingBehindItIsBelieved() {
        // given
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(SessionLog.beginningWith(EMPTY, List.of()));
        changes(new Random(8), 30).forEach(change -> log.writeBytes(SessionLog.record(change)));
        byte[] whole = log.toByteArray();

        // when, then
        for (int at = 0; at < whole.length; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            assertTrue(SessionLog.read(damaged).length() <= at, "damaged at " + at);
        }
    }

    @Test
    void aLogThatBeginsWithAStateTellsThatState() {
        Random random = new Random(9);
        for (int i = 0; i < 100; i++) {
            FlowReplay<Publish> replay = new FlowReplay<>();
            changes(random, 40).forEach(replay::apply);

            assertEquals(
                    replay.snapshot(),
                    SessionLog.read(SessionLog.beginningWith(replay.snapshot(), List.of()))
                            .flows());
        }
    }

    @Test
    void whatWasBeforeAResetCountsNoMore() {
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        log.writeBytes(SessionLog.beginningWith(EMPTY, List.of()));
        log.writeBytes(SessionLog.record(published(1, QoS.AT_LEAST_ONCE, "x")));
        log.writeBytes(SessionLog.reset());

        assertEquals(EMPTY, SessionLog.read(log.toByteArray()).flows());
    }
}
