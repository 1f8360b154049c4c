package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.Attempts.Verdict;
import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.Terms;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptsTest {
    private static final ServerAddress HOME = new ServerAddress("home", 1883);
    private static final ServerAddress OTHER = new ServerAddress("other", 1884);

    private static ClientOptions.Builder options() {
        return ClientOptions.builder().host("home").clientId("c");
    }

    private static Attempts attempts(ReconnectOptions.Builder reconnect) {
        return new Attempts(options().reconnect(reconnect.build()).build());
    }

    private static DisconnectReason refused(ReasonCode code) {
        return DisconnectReason.of(Cause.REFUSED, code, "");
    }

    private static DisconnectReason referred(String reference) {
        Properties properties = Properties.of(Property.SERVER_REFERENCE, reference);
        return new DisconnectReason(Cause.REFUSED, ReasonCode.USE_ANOTHER_SERVER, properties, "", Optional.empty());
    }

    private static DisconnectReason lost() {
        return DisconnectReason.of(Cause.IO_ERROR, ReasonCode.UNSPECIFIED_ERROR, "");
    }

    private static Terms accepted(Attempts attempts, Properties properties) {
        Terms terms = Terms.of(attempts.connect(), new ConnAck(false, ReasonCode.SUCCESS, properties));
        attempts.accepted(terms);
        return terms;
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "BAD_USER_NAME_OR_PASSWORD",
                "NOT_AUTHORIZED",
                "CLIENT_IDENTIFIER_NOT_VALID",
                "UNSUPPORTED_PROTOCOL_VERSION",
                "BANNED",
                "BAD_AUTHENTICATION_METHOD"
            })
    void aRefusalThatCannotHealIsTheLast(ReasonCode code) {
        assertEquals(Verdict.NEVER, attempts(ReconnectOptions.builder()).over(refused(code), false, false));
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVER_BUSY", "SERVER_UNAVAILABLE", "QUOTA_EXCEEDED", "CONNECTION_RATE_EXCEEDED"})
    void aRefusalThatMayHealIsTriedAgain(ReasonCode code) {
        assertEquals(Verdict.LATER, attempts(ReconnectOptions.builder()).over(refused(code), false, false));
    }

    @Test
    void aClientWhoseSessionWasTakenOverDoesNotFightForIt() {
        DisconnectReason taken = DisconnectReason.of(Cause.DISCONNECTED_BY_SERVER, ReasonCode.SESSION_TAKEN_OVER, "");

        assertEquals(Verdict.NEVER, attempts(ReconnectOptions.builder()).over(taken, true, true));
    }

    @Test
    void withoutReconnectingEveryEndIsTheLast() {
        assertEquals(
                Verdict.NEVER,
                attempts(ReconnectOptions.builder().enabled(false)).over(lost(), true, true));
    }

    @Test
    void serversThatDoNotAnswerAreTriedInTurnAndALostOneFirst() {
        Attempts attempts = attempts(ReconnectOptions.builder().otherServers(OTHER));

        assertEquals(HOME, attempts.server());
        attempts.over(lost(), false, false);
        assertEquals(OTHER, attempts.server());
        attempts.over(lost(), true, false);
        assertEquals(OTHER, attempts.server());
        attempts.over(lost(), false, false);
        assertEquals(HOME, attempts.server());
    }

    @Test
    void aReferenceIsFollowedOnlyIfAskedTo() {
        Attempts obedient = attempts(ReconnectOptions.builder().followServerReference(true));
        Attempts loyal = attempts(ReconnectOptions.builder());

        assertEquals(Verdict.NOW, obedient.over(referred("other:1884 third"), false, false));
        assertEquals(OTHER, obedient.server());
        assertEquals(Verdict.LATER, loyal.over(referred("other:1884"), false, false));
        assertEquals(HOME, loyal.server());
    }

    @Test
    void serversThatReferToEachOtherAreNotFollowedForEver() {
        Attempts attempts = attempts(ReconnectOptions.builder().followServerReference(true));

        assertEquals(Verdict.NOW, attempts.over(referred("other:1884"), false, false));
        assertEquals(Verdict.NOW, attempts.over(referred("home:1883"), false, false));
        assertEquals(Verdict.NOW, attempts.over(referred("other:1884"), false, false));
        assertEquals(Verdict.LATER, attempts.over(referred("home:1883"), false, false));
        assertEquals(Verdict.NOW, attempts.over(referred("home:1883"), true, true));
    }

    @Test
    void aReferredServerThatIsNotThereIsForgotten() {
        Attempts attempts = attempts(ReconnectOptions.builder().followServerReference(true));

        attempts.over(referred("other:1884"), false, false);
        assertEquals(Verdict.LATER, attempts.over(lost(), false, false));

        assertEquals(HOME, attempts.server());
    }

    @Test
    void referencesAreReadInAllTheirForms() {
        assertEquals(
                List.of(HOME, OTHER, new ServerAddress("::1", 1885), new ServerAddress("::2", 1883)),
                ServerAddress.ofReference("home other:1884 [::1]:1885 bad:port :1 [::2]", 1883));
    }

    @Test
    void aServerThatDoesNotKnowVersion5IsAskedInTheOlderOneIfAllowed() {
        Attempts flexible = attempts(ReconnectOptions.builder().fallBack(true));
        DisconnectReason oldAnswer = DisconnectReason.of(Cause.PROTOCOL_ERROR, ReasonCode.MALFORMED_PACKET, "");

        assertEquals(Verdict.NOW, flexible.over(oldAnswer, false, false));
        assertEquals(ProtocolVersion.V3_1_1, flexible.connect().version());
        assertTrue(flexible.connect().properties().isEmpty());
        assertEquals(Verdict.NEVER, flexible.over(refused(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION), false, false));
    }

    @Test
    void onlyTheFirstConnectOfALongSessionHasACleanStart() {
        // given
        Attempts attempts = new Attempts(options()
                .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 100L))
                .build());
        assertTrue(attempts.connect().cleanStart());

        // when
        accepted(attempts, Properties.EMPTY);
        attempts.over(lost(), true, false);

        // then
        assertFalse(attempts.connect().cleanStart());
        assertTrue(attempts.isSessionKept());
    }

    @Test
    void aSessionThatEndsWithItsConnectionBeginsAnewEachTime() {
        Attempts attempts = new Attempts(options()
                .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 100L))
                .build());

        accepted(attempts, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0L)); // the server decides

        assertTrue(attempts.connect().cleanStart());
        assertFalse(attempts.isSessionKept());
    }

    @Test
    void theSessionOfAnAssignedClientIdentifierIsAskedForByThatName() {
        Attempts attempts = new Attempts(ClientOptions.builder()
                .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 100L))
                .build());

        accepted(attempts, Properties.of(Property.ASSIGNED_CLIENT_IDENTIFIER, "given"));

        Connect next = attempts.connect();
        assertEquals("given", next.clientId());
        assertFalse(next.cleanStart());
    }
}
