package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who has the client has three jars, which are small together, and do not grow unnoticed. */
class JarSizeIT {
    private static final long AT_MOST = 400 << 10; // bytes

    @Test
    void theJarsOfTheClientAreSmall() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (String module : List.of("mqttx-codec", "mqttx-protocol", "mqttx-client")) {
            Path jar = jarOf(module);
            sizes.put(module, Files.size(jar));
        }
        long all = sizes.values().stream().mapToLong(size -> size).sum();

        assertTrue(all < AT_MOST, () -> sizes + " are " + all + " bytes together");
    }

    private static Path jarOf(String module) throws IOException {
        Pattern name = Pattern.compile(module + "-[0-9.]+(-SNAPSHOT)?\\.jar");
        try (Stream<Path> files = Files.list(Repository.root().resolve(module).resolve("target"))) {
            return files.filter(
                            file -> name.matcher(file.getFileName().toString()).matches())
                    .findFirst()
                    .orElseThrow();
        }
    }
}
