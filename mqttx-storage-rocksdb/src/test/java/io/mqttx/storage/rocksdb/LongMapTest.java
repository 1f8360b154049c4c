package io.mqttx.storage.rocksdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The map of numbers is a map. */
class LongMapTest {

    @Test
    void itDoesWhatAMapDoes() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int range = 1 + random.nextInt(200);
            LongMap map = new LongMap();
            Map<Long, Long> model = new HashMap<>();
            for (int step = 0; step < 1000; step++) {
                long key = (long) random.nextInt(range) << random.nextInt(2) * 33;
                if (random.nextInt(5) < 3) {
                    map.put(key, step);
                    model.put(key, (long) step);
                } else {
                    Long removed = model.remove(key);
                    assertEquals(removed == null ? LongMap.NONE : removed, map.remove(key), "seed " + seed);
                }
                assertEquals(model.getOrDefault(key, LongMap.NONE), map.get(key), "seed " + seed);
            }
            TreeSet<Long> values = new TreeSet<>();
            map.forEachValue(values::add);
            assertEquals(new TreeSet<>(model.values()), values, "seed " + seed);
            model.forEach((key, value) -> assertEquals(value, map.get(key)));
        }
    }
}
