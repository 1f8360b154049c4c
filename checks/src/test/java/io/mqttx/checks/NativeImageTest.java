package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a native image cannot see by itself: an application that has the client needs no configuration for it, because
 * the class files of codec, protocol and client hold no such call, but one that the jar names.
 */
class NativeImageTest {
    private static final Pattern HIDDEN = Pattern.compile("java/lang/reflect/.*"
            + "|java/lang/Class\\.(forName|newInstance|getResource.*|get(Declared)?(Method|Field|Constructor)s?|getRecordComponents)"
            + "|java/lang/ClassLoader\\..*|java/lang/Module\\.getResourceAsStream"
            + "|java/lang/invoke/MethodHandles(\\$Lookup)?\\.(lookup|publicLookup|privateLookupIn|find.*|unreflect.*)"
            + "|java/lang/invoke/MethodHandleProxies\\..*"
            + "|java/util/ServiceLoader\\..*|java/util/ResourceBundle\\.getBundle"
            + "|java/util/concurrent/atomic/Atomic.*FieldUpdater\\.newUpdater"
            + "|java/io/Object(In|Out)putStream\\..*"
            + "|java/lang/(System|Runtime)\\.load(Library)?");

    @Test
    void theClientCallsNothingThatANativeImageDoesNotSee() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        int classes = 0;
        for (String module : List.of("mqttx-codec", "mqttx-protocol", "mqttx-client")) {
            Path folder = Repository.root().resolve(module).resolve("target/classes");
            for (Path file : classFiles(folder)) {
                classes++;
                ClassFile.of(Files.readAllBytes(file)).calls().stream()
                        .filter(call -> HIDDEN.matcher(call).matches())
                        .forEach(call -> found.add(file.getFileName() + " calls " + call));
            }
        }

        assertTrue(classes > 200, "all modules are compiled");
        assertEquals(
                List.of(
                        "Threads.class calls java/lang/Class.getMethod",
                        "Threads.class calls java/lang/reflect/Method.invoke"),
                List.copyOf(found));
    }

    /** {@code Threads} looks for this method, which Java 17 does not have. */
    @Test
    void theOneMethodThatIsLookedUpByItsNameIsNamedInTheJar() throws IOException {
        Path metadata = Repository.root()
                .resolve("mqttx-client/target/classes/META-INF/native-image/io.mqttx/mqttx-client/reflect-config.json");
        Path source = Repository.root().resolve("mqttx-client/src/main/java/io/mqttx/client/Threads.java");

        String json = Files.readString(metadata);

        assertTrue(Files.readString(source).contains("Thread.class.getMethod(\"startVirtualThread\", Runnable.class)"));
        assertTrue(json.contains("\"java.lang.Thread\"") && json.contains("\"startVirtualThread\""));
    }

    @Test
    void callsAreReadFromTheClassFile() throws IOException {
        Path own = Repository.root().resolve("checks/target/test-classes/io/mqttx/checks/NativeImageTest.class");

        List<String> calls = ClassFile.of(Files.readAllBytes(own)).calls();

        assertTrue(calls.contains("io/mqttx/checks/ClassFile.of"), calls::toString);
        assertTrue(calls.contains("java/util/regex/Pattern.compile"), calls::toString);
    }

    private static List<Path> classFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .sorted()
                    .toList();
        }
    }
}
