package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.checks.Proofs.Proof;
import io.mqttx.checks.Traceability.Untested;
import io.mqttx.conformance.Repository;
import io.mqttx.conformance.Requirement;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Writes {@code checks/target/conformance} and fails when a statement has no test. */
class TraceabilityTest {

    /** Modules whose tests claim statements for the sake of an example. */
    private static final List<String> EXAMPLES = List.of("mqttx-conformance", "checks");

    private static final Proof CLIENTS_OWN = new Proof(Version.V5, "C", "T.c");

    private static final Pattern EXCEPTION =
            Pattern.compile("\\| (3\\.1\\.1|5\\.0) \\| ((?:MQTT|P5)-\\S+) \\| (.+) \\|");

    @Test
    void everyStatementThatBindsUsIsProvedOrExcused() throws IOException {
        Traceability traceability =
                new Traceability(Requirement.all(), Proofs.in(testClasses()), exceptions(documentation()));
        TraceabilityReport report = new TraceabilityReport(traceability.rows());
        Path folder = Files.createDirectories(Repository.root().resolve("checks/target/conformance"));
        Files.writeString(folder.resolve("report.md"), report.markdown());
        Files.writeString(folder.resolve("report.html"), report.html());
        System.out.println(report.counts());

        List<String> faults = traceability.faults();

        assertEquals(List.of(), faults, () -> "Faults:\n" + String.join("\n", faults) + "\n");
        assertTrue(documentation().contains(report.counts()), "docs/conformance.md has to say:\n" + report.counts());
    }

    @Test
    void testsAreReadWithoutBeingLoaded() {
        Path ownClasses = Path.of(TraceabilityTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());

        List<Proof> own = Proofs.in(List.of(ownClasses)).all();

        assertTrue(own.contains(new Proof(Version.V5, "P5-01", "Examples.once")), own::toString);
        assertTrue(own.contains(new Proof(Version.V5, "MQTT-1.5.4-1", "Examples.twice")), own::toString);
        assertTrue(own.contains(new Proof(Version.V3_1_1, "MQTT-1.5.3-1", "Examples.twice")), own::toString);
        assertTrue(own.contains(new Proof(Version.V5, "P5-02", "Examples")), own::toString);
    }

    /** Tests to be read, not to be run. */
    @Statement("P5-02")
    static class Examples {

        @Test
        @Statement("P5-01")
        void once() {
            assertEquals(2, Version.values().length);
        }

        @Test
        @Statement("MQTT-1.5.4-1")
        @Statement(value = "MQTT-1.5.3-1", version = Version.V3_1_1)
        void twice() {
            assertEquals("5.0", Version.V5.number());
        }
    }

    @Test
    void aStatementWithoutATestIsAFaultWhomeverItBinds() {
        assertEquals(
                List.of("5.0 S (server) has no test: Serve.", "5.0 C (client) has no test: Ask."),
                traceability(List.of(), List.of()).faults());
        assertEquals(
                List.of("5.0 C (client) has no test: Ask."),
                traceability(List.of(new Proof(Version.V5, "S", "T.t")), List.of())
                        .faults());
        assertEquals(
                List.of("5.0 S (server) has no test: Serve."),
                traceability(List.of(), List.of(new Untested(Version.V5, "C", "cannot be seen")))
                        .faults());
    }

    @Test
    void aTestOfTheOtherVersionProvesNothing() {
        Traceability other = traceability(List.of(new Proof(Version.V3_1_1, "S", "T.t"), CLIENTS_OWN), List.of());

        assertEquals(
                List.of("5.0 S (server) has no test: Serve.", "T.t proves S, which is not in 3.1.1"), other.faults());
    }

    @Test
    void anExceptionThatIsProvedOrUnknownIsAFault() {
        List<Proof> proofs = List.of(new Proof(Version.V5, "S", "T.t"), CLIENTS_OWN);
        List<Untested> exceptions = List.of(new Untested(Version.V5, "S", "why"), new Untested(Version.V5, "X", "why"));

        assertEquals(
                List.of("5.0 S is an exception, and yet there is T.t", "the exception X is not in 5.0"),
                traceability(proofs, exceptions).faults());
    }

    private static Traceability traceability(List<Proof> proofs, List<Untested> exceptions) {
        return new Traceability(
                List.of(
                        new Requirement(Version.V5, "S", "1", "server", "yes", "Serve."),
                        new Requirement(Version.V5, "C", "2", "client", "yes", "Ask.")),
                new Proofs(proofs),
                exceptions);
    }

    private static String documentation() throws IOException {
        return Files.readString(Repository.root().resolve("docs/conformance.md"));
    }

    private static List<Untested> exceptions(String markdown) {
        List<Untested> found = new ArrayList<>();
        for (String line : markdown.lines().toList()) {
            Matcher row = EXCEPTION.matcher(line);
            if (row.matches()) {
                Version version = Arrays.stream(Version.values())
                        .filter(each -> each.number().equals(row.group(1)))
                        .findFirst()
                        .orElseThrow();
                found.add(new Untested(version, row.group(2), row.group(3)));
            }
        }
        return found;
    }

    /** The folders of all modules that have tests. A module whose tests are not compiled would look like a gap. */
    private static List<Path> testClasses() throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Repository.root())) {
            for (Path module : modules.sorted().toList()) {
                boolean counts = !EXAMPLES.contains(module.getFileName().toString());
                if (counts && Files.isDirectory(module.resolve("src/test/java"))) {
                    Path classes = module.resolve("target/test-classes");
                    assertTrue(
                            Files.isDirectory(classes),
                            "compile the tests first, as mvn -pl checks -am test: " + classes);
                    found.add(classes);
                }
            }
        }
        return found;
    }
}
