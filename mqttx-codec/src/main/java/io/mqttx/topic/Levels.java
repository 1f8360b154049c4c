package io.mqttx.topic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Topic levels: what stands between the separators (§4.7.1.1). */
final class Levels {
    private Levels() {}

    static List<String> split(String text) {
        List<String> levels = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf('/'); end >= 0; end = text.indexOf('/', start)) {
            levels.add(text.substring(start, end));
            start = end + 1;
        }
        levels.add(text.substring(start));
        return Collections.unmodifiableList(levels);
    }

    static int count(byte[] utf8) {
        int count = 1;
        for (byte b : utf8) {
            if (b == '/') {
                count++;
            }
        }
        return count;
    }
}
