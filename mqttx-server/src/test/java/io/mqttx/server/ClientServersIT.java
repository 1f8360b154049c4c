package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.conformance.Repository;
import io.mqttx.packet.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our client against four servers: each feature in each version that server and feature have. Where a server does
 * something else, that is said here and expected; the table in docs/interoperability.md says the same.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClientServersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int ATTEMPTS = 3; // with servers that fail by chance
    private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(2); // with what is not expected to come

    /** What a server does not do, in all or some versions. */
    private record Deviation(
            PeerServer.Kind server, ServerFeature feature, Set<ProtocolVersion> versions, String sentence) {}

    private static final List<Deviation> DEVIATIONS = List.of(
            new Deviation(
                    PeerServer.Kind.MOSQUITTO,
                    ServerFeature.TAKEOVER,
                    Set.of(ProtocolVersion.V5),
                    "Mosquitto 2.0.11 closes without DISCONNECT, so that the client cannot know why."),
            new Deviation(
                    PeerServer.Kind.MOSQUITTO,
                    ServerFeature.RECEIVE_MAXIMUM,
                    Set.of(ProtocolVersion.V5),
                    "Mosquitto 2.0.11 answers each PUBACK with two more messages of those that wait, and so sends more than"
                            + " the client takes, who disconnects with 0x93."),
            new Deviation(
                    PeerServer.Kind.HIVEMQ,
                    ServerFeature.RECEIVE_MAXIMUM,
                    Set.of(ProtocolVersion.V5),
                    "With a window of 2 HiveMQ sends nothing, or one message alone, in one run of five or so: not asked."),
            new Deviation(
                    PeerServer.Kind.MOQUETTE,
                    ServerFeature.RETAINED,
                    Set.of(ProtocolVersion.V3_1, ProtocolVersion.V3_1_1),
                    "Moquette sends retained messages without RETAIN."),
            new Deviation(
                    PeerServer.Kind.MOQUETTE,
                    ServerFeature.IN_FLIGHT,
                    Set.of(ProtocolVersion.V3_1, ProtocolVersion.V3_1_1),
                    "After the break Moquette answers nobody any more, new clients neither."));

    @TempDir
    static Path folder;

    private Optional<Certificates> certificates = Optional.empty();
    private final Map<PeerServer.Kind, PeerServer> servers = new EnumMap<>(PeerServer.Kind.class);
    private final Set<PeerServer.Kind> asked = EnumSet.noneOf(PeerServer.Kind.class); // to start
    private final Map<ServerFeature, Map<PeerServer.Kind, Set<ProtocolVersion>>> passed =
            new EnumMap<>(ServerFeature.class);

    static Stream<Arguments> everything() {
        return Stream.of(PeerServer.Kind.values())
                .flatMap(kind -> Stream.of(ServerFeature.values())
                        .flatMap(feature -> Stream.of(ProtocolVersion.values())
                                .filter(kind::speaks)
                                .filter(feature::isFor)
                                .map(version -> Arguments.of(kind, feature, version))));
    }

    @ParameterizedTest
    @MethodSource("everything")
    @Order(1)
    void theClientServes(PeerServer.Kind kind, ServerFeature feature, ProtocolVersion version) throws Exception {
        if (kind == PeerServer.Kind.HIVEMQ && feature == ServerFeature.RECEIVE_MAXIMUM) {
            return; // it deviates by chance, see DEVIATIONS: neither outcome says anything
        }
        boolean deviates = DEVIATIONS.stream()
                .anyMatch(
                        known -> known.server == kind && known.feature == feature && known.versions.contains(version));
        if (deviates) {
            try (ServerScene scene = new ServerScene(server(kind), version, LITTLE_PATIENCE)) {
                assertThrows(Throwable.class, () -> feature.play(scene), "it deviates no more: say so in DEVIATIONS");
                servers.remove(kind).close(); // who knows what that did to it
            }
            return;
        }
        play(kind, feature, version, kind.isSteady() ? 1 : ATTEMPTS);
        passed.computeIfAbsent(feature, none -> new EnumMap<>(PeerServer.Kind.class))
                .computeIfAbsent(kind, none -> new TreeSet<>())
                .add(version);
    }

    /** A server of other people that drops a client by chance is no fault of ours: another one is asked the same. */
    private void play(PeerServer.Kind kind, ServerFeature feature, ProtocolVersion version, int attempts)
            throws Exception {
        try (ServerScene scene = new ServerScene(server(kind), version, PATIENCE)) {
            feature.play(scene);
        } catch (Exception | AssertionError e) {
            if (attempts == 1) {
                throw e;
            }
            servers.remove(kind).close();
            play(kind, feature, version, attempts - 1);
        }
    }

    @Test
    @Order(2)
    void theTableInTheDocumentationSaysWhatRan() throws IOException {
        assumeTrue(servers.size() == PeerServer.Kind.values().length, "all servers ran");
        String document = Files.readString(Repository.root().resolve("docs").resolve("interoperability.md"));

        int from = document.indexOf("| feature |");
        String table = table();

        assertEquals(table, from < 0 ? "" : document.substring(from).strip() + "\n");
    }

    @AfterAll
    void stop() {
        for (PeerServer server : servers.values()) {
            server.close();
        }
    }

    private PeerServer server(PeerServer.Kind kind) throws Exception {
        PeerServer known = servers.get(kind);
        if (known == null) {
            assertTrue(asked.add(kind), kind + " did not start");
            if (certificates.isEmpty()) {
                certificates = Optional.of(Certificates.in(folder).issue("server"));
            }
            known = PeerServer.start(kind, Files.createDirectories(folder.resolve(kind.name())), certificates.get());
            servers.put(kind, known);
            asked.remove(kind);
        }
        return known;
    }

    private String table() {
        List<PeerServer.Kind> kinds = List.of(PeerServer.Kind.values());
        Set<String> notes = new LinkedHashSet<>();
        StringBuilder table = new StringBuilder("| feature | ")
                .append(kinds.stream().map(kind -> kind.title).collect(Collectors.joining(" | ")))
                .append(" |\n|")
                .append(" --- |".repeat(kinds.size() + 1))
                .append('\n');
        for (ServerFeature feature : ServerFeature.values()) {
            table.append("| ").append(feature.title);
            for (PeerServer.Kind kind : kinds) {
                table.append(" | ").append(cell(feature, kind, notes));
            }
            table.append(" |\n");
        }
        int number = 1;
        for (String note : notes) {
            table.append(number == 1 ? "\n" : "")
                    .append(number++)
                    .append(". ")
                    .append(note)
                    .append('\n');
        }
        return table.toString();
    }

    private String cell(ServerFeature feature, PeerServer.Kind kind, Set<String> notes) {
        List<String> said = new ArrayList<>();
        for (ProtocolVersion version : passed.getOrDefault(feature, Map.of()).getOrDefault(kind, Set.of())) {
            said.add(name(version));
        }
        for (Deviation known : DEVIATIONS) {
            if (known.server == kind && known.feature == feature) {
                notes.add(known.sentence);
                said.add("[" + (List.copyOf(notes).indexOf(known.sentence) + 1) + "]");
            }
        }
        return said.isEmpty() ? "–" : String.join(", ", said);
    }

    private static String name(ProtocolVersion version) {
        return switch (version) {
            case V3_1 -> "3.1";
            case V3_1_1 -> "3.1.1";
            case V5 -> "5";
        };
    }
}
