package io.mqttx.broker.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.session.SessionServices;
import io.mqttx.broker.session.SessionTable;
import io.mqttx.broker.session.Stored;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.broker.will.Wills;
import io.mqttx.testkit.ManualLoops;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HomesTest {
    private static final Journals JOURNALS = Journals.none(new Clocks(() -> 0, InstantSource.system()));

    private static Homes homes(int count) {
        return new Homes(new ManualLoops(count)
                .all().stream()
                        .map(loop ->
                                new Home(new SessionTable(loop, services(), session -> {}), new Wills(loop, JOURNALS)))
                        .toList());
    }

    private static SessionServices services() {
        SubscriptionTree tree = new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(0));
        return new SessionServices(
                tree,
                new Router(tree, List.of(), Overlapping.ONE_COPY, WhenFull.DROP_NEWEST, JOURNALS),
                QueueOptions.defaults(),
                SubscriptionOptions.defaults(),
                BrokerEvents.NONE,
                new Stored(),
                JOURNALS);
    }

    @Test
    void aClientHasOneHomeAndNeighbouringNamesAreSpread() {
        for (int count : List.of(1, 2, 3, 7, 16)) {
            // given
            Homes homes = homes(count);
            Map<Home, Integer> clients = new HashMap<>();

            // when
            for (int i = 0; i < 16_000; i++) {
                clients.merge(homes.of("device-" + i), 1, Integer::sum);
            }

            // then
            assertSame(homes.of("c"), homes.of("c"));
            assertEquals(count, clients.size());
            int fair = 16_000 / count;
            clients.values().forEach(each -> assertTrue(each > fair / 2 && each < fair * 2, clients::toString));
        }
    }
}
