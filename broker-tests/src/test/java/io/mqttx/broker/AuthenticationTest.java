package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AuthenticationTest {
    private static final String METHOD = "RIDDLE";

    /** Asks a riddle: "hello" -> "name?", then "sphinx" is let in and any other name is not. */
    private static class Riddle implements BrokerHandler {
        private final List<String> calls;

        Riddle(List<String> calls) {
            this.calls = calls;
        }

        @Override
        public AuthDecision onAuth(AuthStep step) {
            String said = StandardCharsets.UTF_8.decode(step.data()).toString();
            calls.add(step.kind() + " " + step.method() + " " + said);
            return switch (said) {
                case "hello" -> AuthDecision.challenge(bytes("name?"));
                case "sphinx" -> AuthDecision.success(bytes("welcome"));
                case "fail" -> throw new IllegalStateException("planted");
                default -> AuthDecision.refuse(ReasonCode.NOT_AUTHORIZED);
            };
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            calls.add("onConnect");
            return ConnectDecision.accept();
        }
    }

    private final List<String> calls = new ArrayList<>();

    private static Properties saying(String data) {
        return Properties.builder()
                .add(Property.AUTHENTICATION_METHOD, METHOD)
                .add(Property.AUTHENTICATION_DATA, bytes(data))
                .build();
    }

    private static Auth more(String data) {
        return new Auth(ReasonCode.CONTINUE_AUTHENTICATION, saying(data));
    }

    private static Auth challenge(String data) {
        return new Auth(ReasonCode.CONTINUE_AUTHENTICATION, reversed(data));
    }

    private static Auth again(String data) {
        return new Auth(ReasonCode.RE_AUTHENTICATE, saying(data));
    }

    private static Connect hello(String data) {
        return new Connect(V5, "c", true).withKeepAlive(0).withProperties(saying(data));
    }

    @Test
    @Statement({"MQTT-4.12.0-2", "MQTT-4.12.0-5", "P5-63"})
    void authenticationGoesBackAndForthAndConnackCarriesItsEnd() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
            // when
            MemoryClient client = broker.send(hello("hello"));
            List<Packet> first = client.take();
            ConnAck ack = (ConnAck) client.exchange(more("sphinx")).get(0);

            // then
            assertEquals(List.of(challenge("name?")), first);
            assertEquals(ReasonCode.SUCCESS, ack.reason());
            assertEquals(
                    METHOD,
                    ack.properties().find(Property.AUTHENTICATION_METHOD).orElseThrow());
            assertEquals(
                    bytes("welcome"),
                    ack.properties().find(Property.AUTHENTICATION_DATA).orElseThrow());
            assertEquals(List.of("CONNECT RIDDLE hello", "CONTINUE RIDDLE sphinx", "onConnect"), calls);
            assertEquals(List.of(PingResp.INSTANCE), client.exchange(PingReq.INSTANCE));
        }
    }

    @Test
    @Statement({"MQTT-4.12.0-4", "MQTT-4.12.0-1"})
    void whoFailsIsToldSoAndNobodyIsAskedAtTheDoor() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
            // given
            MemoryClient client = broker.send(hello("hello"));
            client.take();

            // when
            List<Packet> answers = client.exchange(more("oedipus"));

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.NOT_AUTHORIZED)), answers);
            assertTrue(client.isClosed());
            assertFalse(calls.contains("onConnect"));
        }
    }

    @Test
    void aHandlerThatThrowsInOnAuthRefusesItsClientAlone() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
            // when
            MemoryClient client = broker.send(hello("fail"));

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.UNSPECIFIED_ERROR)), client.take());
            assertEquals(List.of("the handler of client \"c\" failed in onAuth"), broker.log.takeErrors());
        }
    }

    @Test
    void eachStepMayBeDecidedLater() {
        Deque<CompletableFuture<AuthDecision>> steps = new ArrayDeque<>();
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls) {
            @Override
            public AuthDecision onAuth(AuthStep step) {
                CompletableFuture<AuthDecision> later = new CompletableFuture<>();
                steps.add(later);
                return AuthDecision.later(later);
            }
        })) {
            // given
            MemoryClient client = broker.send(hello("hello"));
            List<Packet> before = client.take();

            // when
            steps.remove().complete(AuthDecision.challenge(bytes("1")));
            List<Packet> challenge = client.take();
            List<Packet> nothing = client.exchange(more("x"));
            steps.remove().complete(AuthDecision.success());
            List<Packet> end = client.take();
            List<Packet> waiting = client.exchange(again("y"), PingReq.INSTANCE);
            steps.remove().complete(AuthDecision.success(bytes("2")));
            List<Packet> after = client.take();

            // then
            assertEquals(List.of(), before);
            assertEquals(List.of(challenge("1")), challenge);
            assertEquals(List.of(), nothing);
            assertEquals(ReasonCode.SUCCESS, ((ConnAck) end.get(0)).reason());
            assertEquals(List.of(), waiting);
            assertEquals(List.of(new Auth(ReasonCode.SUCCESS, reversed("2")), PingResp.INSTANCE), after);
        }
    }

    @Test
    @Statement("P5-33")
    void theTimeForConnectCoversTheWholeExchange() {
        try (TestBroker broker = new TestBroker(
                TestBroker.options().connectTimeout(Duration.ofSeconds(4)), client -> new Riddle(calls))) {
            // given
            MemoryClient client = broker.send(hello("hello"));
            broker.advance(Duration.ofSeconds(3));
            client.exchange(more("hello"));
            boolean closedBefore = client.isClosed();

            // when
            broker.advance(Duration.ofSeconds(1));

            // then
            assertFalse(closedBefore);
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement({"P5-64", "MQTT-4.12.1-1"})
    void aClientAuthenticatesAgainWhileOtherPacketsFlow() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
            // given
            MemoryClient client = broker.connect(hello("sphinx"));

            // when
            List<Packet> first = client.exchange(again("hello"));
            List<Packet> between = client.exchange(message("a", "m", QoS.AT_LEAST_ONCE, 1), PingReq.INSTANCE);
            List<Packet> last = client.exchange(more("sphinx"));

            // then
            assertEquals(List.of(challenge("name?")), first);
            assertEquals(List.of(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS), PingResp.INSTANCE), between);
            assertEquals(List.of(new Auth(ReasonCode.SUCCESS, reversed("welcome"))), last);
            assertEquals(1, calls.stream().filter("onConnect"::equals).count());
            assertTrue(calls.contains("RE_AUTHENTICATE RIDDLE hello"));
        }
    }

    @Test
    @Statement("MQTT-4.12.1-2")
    void whoFailsToAuthenticateAgainHasToGo() {
        Function<String, List<Packet>> trying = data -> {
            try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
                MemoryClient client = broker.connect(hello("sphinx"));
                List<Packet> answers = client.exchange(again(data), PingReq.INSTANCE);
                assertTrue(client.isClosed());
                return answers;
            }
        };
        assertEquals(List.of(new Disconnect(ReasonCode.NOT_AUTHORIZED)), trying.apply("oedipus"));
        assertEquals(List.of(new Disconnect(ReasonCode.UNSPECIFIED_ERROR)), trying.apply("fail"));
    }

    @Test
    void aRefusalOfTheDoorAloneIsNotAuthorizedLaterOn() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls) {
            @Override
            public AuthDecision onAuth(AuthStep step) {
                return step.kind() == AuthStep.Kind.CONNECT
                        ? AuthDecision.success()
                        : AuthDecision.refuse(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
            }
        })) {
            // given
            MemoryClient client = broker.connect(hello("x"));

            // when
            List<Packet> answers = client.exchange(again("y"));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.NOT_AUTHORIZED)), answers);
        }
    }

    @Test
    @Statement({"P5-62", "MQTT-4.12.0-7", "MQTT-4.12.0-6"})
    void aClientThatBeganWithoutAMethodMayNotUseOneLater() {
        try (TestBroker broker = new TestBroker(client -> new Riddle(calls))) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers = client.exchange(again("sphinx"));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PROTOCOL_ERROR)), answers);
            assertEquals(List.of("onConnect"), calls);
        }
    }

    @Test
    void aDecisionCarriesOnlyWhatAHandlerMaySay() {
        Properties alias = Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 1);
        assertThrows(IllegalArgumentException.class, () -> new AuthDecision.Challenge(alias));
        assertThrows(IllegalArgumentException.class, () -> new AuthDecision.Success(alias));
        assertThrows(IllegalArgumentException.class, () -> AuthDecision.refuse(ReasonCode.NOT_AUTHORIZED, alias));
        assertThrows(IllegalArgumentException.class, () -> AuthDecision.refuse(ReasonCode.SUCCESS));
    }

    /** Data first, then the method: as the broker writes them. */
    private static Properties reversed(String data) {
        return Properties.builder()
                .add(Property.AUTHENTICATION_DATA, bytes(data))
                .add(Property.AUTHENTICATION_METHOD, METHOD)
                .build();
    }
}
