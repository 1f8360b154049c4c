package io.mqttx.broker.will;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.Publish;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WillsTest {
    private static final Publish WILL = new Publish(TopicName.of("w"), ByteBuffer.allocate(0));

    private final ManualLoops loops = new ManualLoops(1);
    private final Wills wills =
            new Wills(loops.all().get(0), Journals.none(new Clocks(() -> 0, InstantSource.system())));
    private final List<String> published = new ArrayList<>();

    private void due(String clientId, long delay) {
        wills.due(0, new Kept.Will(clientId, "", WILL, delay, 0), done -> published.add(clientId));
    }

    @Test
    void withoutDelayItIsPublishedAtOnce() {
        // when
        due("c", 0);

        // then
        assertEquals(List.of("c"), published);
    }

    @Test
    void whoComesBackTakesItsOwnWillBackAndNobodyElses() {
        // given
        due("a", 5);
        due("b", 5);

        // when
        wills.resumed("a");
        wills.resumed("unknown");
        loops.advance(Duration.ofSeconds(5));

        // then
        assertEquals(List.of("b"), published);
    }

    @Test
    void theDelayOfAnEarlierWillDoesNotHastenALaterOne() {
        for (boolean comesBack : List.of(true, false)) {
            // given
            published.clear();
            due("c", 5);
            if (comesBack) {
                wills.resumed("c");
            } else {
                wills.sessionEnded("c");
            }
            published.clear();
            loops.advance(Duration.ofSeconds(3));
            due("c", 5);

            // when
            loops.advance(Duration.ofSeconds(4));
            List<String> early = List.copyOf(published);
            loops.advance(Duration.ofSeconds(1));

            // then
            assertEquals(List.of(), early);
            assertEquals(List.of("c"), published);
        }
    }

    @Test
    void theEndOfTheSessionOrOfTheBrokerPublishesOnce() {
        // given
        due("a", 5);
        due("b", 5);

        // when
        wills.sessionEnded("a");
        wills.publishAll();
        wills.publishAll();
        loops.advance(Duration.ofSeconds(5));

        // then
        assertEquals(List.of("a", "b"), published);
    }
}
