package io.mqttx.codec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the fuzzer found worth keeping, played again with every build; {@code fuzz/run} adds to it. */
class CorpusTest {
    private static final Path CORPUS = Repository.root().resolve("mqttx-codec/src/test/resources/corpus");

    @Test
    void everyInputOfTheCorpusHolds() throws IOException {
        List<Path> inputs;
        try (Stream<Path> files = Files.list(CORPUS)) {
            inputs = files.sorted().toList();
        }
        for (Path input : inputs) {
            byte[] bytes = Files.readAllBytes(input);
            assertDoesNotThrow(() -> DecoderFuzz.fuzzerTestOneInput(bytes), input.getFileName()::toString);
        }
        assertTrue(inputs.size() > 100, inputs.size() + " inputs in " + CORPUS);
    }
}
