package io.mqttx.protocol.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacketIdsTest {
    @Test
    @Statement({"MQTT-2.2.1-3", "MQTT-2.2.1-4"})
    @Statement(
            value = {"MQTT-2.3.1-1", "MQTT-2.3.1-2"},
            version = Version.V3_1_1)
    void identifiersGoRoundAndSkipThoseInUseAndNeverAreZero() {
        // given
        PacketIds ids = new PacketIds();
        for (int i = 1; i <= 65535; i++) {
            assertEquals(i, ids.take());
            if (i != 2) {
                ids.release(i);
            }
        }

        // when, then
        assertEquals(1, ids.take());
        assertEquals(3, ids.take());
    }

    @Test
    void exhaustionIsTold() {
        // given
        PacketIds ids = new PacketIds(2);
        ids.take();
        ids.take();

        // when, then
        assertTrue(ids.isExhausted());
        assertThrows(IllegalStateException.class, ids::take);
        ids.release(1);
        assertFalse(ids.isExhausted());
        assertEquals(1, ids.take());
    }

    @Test
    void theTableBehindItKnowsWhatAMapWouldKnow() {
        // given
        Random random = new Random(1);
        IdTable<String> table = new IdTable<>();
        Map<Integer, String> map = new HashMap<>();

        // when, then
        for (int step = 0; step < 200_000; step++) {
            int id = 1 + random.nextInt(step < 100_000 ? 65535 : 50);
            int slot = table.find(id);
            assertEquals(map.containsKey(id), slot >= 0);
            if (slot < 0 && map.size() < 3000) {
                map.put(id, "v" + id);
                table.put(id, id, "v" + id);
            } else if (slot >= 0) {
                assertEquals(id, table.bits(slot));
                assertEquals(map.remove(id), table.value(slot));
                table.remove(slot);
            }
            if (step % 1000 == 0) {
                table = table.trimmed().own();
            }
            assertEquals(map.size(), table.size());
        }
    }

    @Test
    void nobodyWritesToTheEmptyTableThatAllShare() {
        // given
        IdTable<String> none = new IdTable<String>().trimmed();

        // then
        assertNotSame(none, none.own());
        assertThrows(IllegalStateException.class, () -> none.put(1, 0));
        assertEquals(-1, none.find(1));
    }
}
