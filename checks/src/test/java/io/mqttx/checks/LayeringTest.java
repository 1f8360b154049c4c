package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LayeringTest {

    @Test
    void nothingImportsUpwards() throws IOException {
        List<SourceFile> files = new ArrayList<>();
        for (String module : modulesOfTheBuild()) {
            files.addAll(SourceFile.below(Repository.root(), module, "src/main/java"));
        }

        List<String> offences = Layers.OF_THE_HOUSE.offences(files);

        assertTrue(files.size() > 5, "found the sources");
        assertEquals(List.of(), offences, () -> "Offences:\n" + String.join("\n", offences) + "\n");
    }

    @Test
    void everyModuleWithCodeStandsInThePlan() throws IOException {
        for (String module : modulesOfTheBuild()) {
            boolean hasCode =
                    Files.isDirectory(Repository.root().resolve(module).resolve("src/main/java"));
            assertTrue(!hasCode || Layers.OF_THE_HOUSE.knows(module), module + " is not listed in Layers");
        }
    }

    @Test
    void anImportFromAHigherRoomIsNamedWithFileAndLine() {
        SourceFile bad = source("mqttx-codec", "io.mqttx.topic", "import io.mqttx.packet.Publish;");

        assertEquals(
                List.of("mqttx-codec/Bad.java:3: io.mqttx.packet.Publish: room 2 (io.mqttx.topic) imports only lower"
                        + " rooms, and io.mqttx.packet is room 3"),
                Layers.OF_THE_HOUSE.offences(List.of(bad)));
    }

    @Test
    void anImportFromALowerRoomIsFine() {
        assertFine(source("mqttx-codec", "io.mqttx.packet", "import io.mqttx.topic.TopicName;"));
        assertFine(source("mqttx-broker", "io.mqttx.broker.session", "import io.mqttx.protocol.flow.OutboundFlow;"));
        assertFine(source("mqttx-transport-netty", "io.mqttx.transport.netty", "import io.mqttx.broker.spi.*;"));
    }

    @Test
    void roomsOfTheSameNumberDoNotSeeEachOther() {
        assertOffence(
                "room 3",
                source("mqttx-broker", "io.mqttx.broker.limits", "import io.mqttx.broker.metrics.BrokerMetrics;"));
    }

    @Test
    void clientAndBrokerDoNotSeeEachOther() {
        assertOffence(
                "mqttx-client does not see",
                source("mqttx-client", "io.mqttx.client", "import io.mqttx.broker.Broker;"));
        assertOffence(
                "mqttx-broker does not see",
                source("mqttx-broker", "io.mqttx.broker", "import static io.mqttx.client.MqttClient.connect;"));
    }

    @Test
    void theTransportSeesTheDoorsOfTheBrokerAlone() {
        assertOffence(
                "does not see io.mqttx.broker.session",
                source("mqttx-transport-netty", "io.mqttx.transport.netty", "import io.mqttx.broker.session.Session;"));
    }

    @Test
    void aNameWrittenOutIsAsBadAsAnImport() {
        assertOffence(
                "io.mqttx.codec.PacketDecoder",
                source("mqttx-codec", "io.mqttx.wire", "class A { io.mqttx.codec.PacketDecoder d; }"));
    }

    @Test
    void commentsAndStringsAreNotCode() {
        assertFine(source(
                "mqttx-codec",
                "io.mqttx.wire",
                "/** See {@link io.mqttx.codec.PacketDecoder}, \" and Thread. */ // io.mqttx.codec",
                "class A { String s = \"// io.mqttx.codec.X\"; char c = '\"'; String t = \"\"\"",
                "        \"Thread\" io.mqttx.codec.X",
                "        \"\"\"; }"));
    }

    @Test
    void flowsUseTheActionsBelowThemAndNothingOfTheConnections() {
        assertFine(source("mqttx-protocol", "io.mqttx.protocol.flow", "import io.mqttx.protocol.action.Action;"));
        assertOffence(
                "room 2",
                source("mqttx-protocol", "io.mqttx.protocol.flow", "import io.mqttx.protocol.ServerConnection;"));
        assertOffence("room 2", source("mqttx-protocol", "io.mqttx.protocol.flow", "import io.mqttx.protocol.*;"));
    }

    @Test
    void aPackageInNoListFailsByName() {
        assertOffence("package io.mqttx.util is not listed", source("mqttx-codec", "io.mqttx.util", "class A {}"));
        assertOffence(
                "package io.mqttx.broker.misc is not listed",
                source("mqttx-broker", "io.mqttx.broker", "import io.mqttx.broker.misc.Thing;"));
    }

    @Test
    void codecAndProtocolKnowNoMachinery() {
        for (String line : List.of(
                "import java.net.Socket;",
                "import java.nio.channels.SocketChannel;",
                "import java.util.logging.Logger;",
                "class A { System.Logger log; }",
                "class A { Thread t; }",
                "class A { long t = System.nanoTime(); }",
                "class A { long t = System.currentTimeMillis(); }",
                "class A { Object t = Instant.now(); }")) {
            assertOffence("does without", source("mqttx-codec", "io.mqttx.packet", line));
            assertOffence("does without", source("mqttx-protocol", "io.mqttx.protocol", line));
            assertFine(source("mqttx-client", "io.mqttx.client", line));
        }
        assertFine(source("mqttx-protocol", "io.mqttx.protocol", "import java.nio.ByteBuffer;", "class Threads {}"));
    }

    private static void assertFine(SourceFile file) {
        assertEquals(List.of(), Layers.OF_THE_HOUSE.offences(List.of(file)));
    }

    private static void assertOffence(String expected, SourceFile file) {
        List<String> offences = Layers.OF_THE_HOUSE.offences(List.of(file));
        assertEquals(1, offences.size(), offences::toString);
        assertTrue(offences.get(0).contains(expected), offences.get(0));
    }

    private static SourceFile source(String module, String packageName, String... lines) {
        return new SourceFile(
                module, module + "/Bad.java", "package " + packageName + ";\n\n" + String.join("\n", lines) + "\n");
    }

    private static List<String> modulesOfTheBuild() throws IOException {
        Path pom = Repository.root().resolve("pom.xml");
        Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(Files.readString(pom));
        return module.results().map(found -> found.group(1)).toList();
    }
}
