package io.mqttx.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.routing.Grant;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
    private static final TopicFilter A = TopicFilter.of("a");
    private static final TopicFilter B = TopicFilter.of("b");
    private static final Grant ONE = Grant.of(QoS.AT_LEAST_ONCE, false, false, 0);
    private static final Grant OTHER = Grant.of(QoS.AT_MOST_ONCE, true, false, 7);

    private final Subscriptions subscriptions = new Subscriptions();

    @Test
    void theOnlyOneIsReplaced() {
        // when
        subscriptions.put(A, ONE);
        subscriptions.put(A, OTHER);

        // then
        assertEquals(Map.of(A, OTHER), all());
    }

    @Test
    void aSecondOneStandsBesideTheFirst() {
        // when
        subscriptions.put(A, ONE);
        subscriptions.put(B, OTHER);
        subscriptions.put(B, ONE);

        // then
        assertEquals(Map.of(A, ONE, B, ONE), all());
        assertEquals(2, subscriptions.size());
    }

    @Test
    void whatIsRemovedIsGoneAndComesAgain() {
        // given
        subscriptions.put(A, ONE);
        subscriptions.put(B, ONE);

        // when, then
        assertTrue(subscriptions.remove(A));
        assertFalse(subscriptions.remove(A));
        assertEquals(Map.of(B, ONE), all());
        assertTrue(subscriptions.remove(B));
        assertFalse(subscriptions.remove(B));
        assertEquals(0, subscriptions.size());
        subscriptions.put(B, OTHER);
        subscriptions.put(A, OTHER);
        assertEquals(Map.of(A, OTHER, B, OTHER), all());
    }

    private Map<TopicFilter, Grant> all() {
        Map<TopicFilter, Grant> all = new HashMap<>();
        subscriptions.forEach(all::put);
        return all;
    }
}
