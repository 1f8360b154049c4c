package io.mqttx.server.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.conformance.Repository;
import io.mqttx.server.RunningCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Libraries of C that are preloaded into a broker, to stand between it and its disk. */
final class Preloaded {
    private Preloaded() {}

    /** Skips the test, or fails it where the tools have to be there, without a compiler. */
    static void needACompiler() {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
        if (!there && Boolean.parseBoolean(System.getenv("MQTTX_REQUIRE_TOOLS"))) {
            throw new IllegalStateException("gcc is missing, which the tests of power cuts and slow disks need");
        }
        assumeTrue(there, "gcc is missing");
    }

    /** The library made of {@code src/test/c/NAME.c}, in that directory. */
    static Path library(String name, Path work) {
        Path library = work.resolve(name + ".so").toAbsolutePath();
        Path source = Repository.root().resolve("mqttx-server/src/test/c").resolve(name + ".c");
        List<String> words = List.of(
                "gcc",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-O1",
                "-shared",
                "-fPIC",
                "-o",
                library.toString(),
                source.toString(),
                "-ldl",
                "-lpthread");
        try (RunningCommand gcc = RunningCommand.start(words)) {
            if (gcc.awaitEnd() != 0) {
                throw new IllegalStateException(source + " does not compile: " + gcc.lines());
            }
        }
        return library;
    }
}
