package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.auth.Scram;
import io.mqttx.broker.auth.ScramExchange;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.auth.ScramClient;
import io.mqttx.protocol.auth.ScramCredentials;
import io.mqttx.testkit.MemoryClient;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ScramLoginTest {
    private static final int ITERATIONS = 5000; // another number than the least
    private static final byte[] SALT = {1, 2, 3, 4};
    private static final Map<String, ScramCredentials> USERS = Map.of(
            "ada",
            ScramCredentials.of("lovelace", SALT, ITERATIONS),
            "grace",
            ScramCredentials.of("hopper", SALT, ITERATIONS));

    private final Scram scram = new Scram(
            name -> CompletableFuture.completedFuture(Optional.ofNullable(USERS.get(name))),
            new byte[16],
            ITERATIONS,
            new Random(1));

    /** Lets in who proved to be somebody. */
    private final class Door implements BrokerHandler {
        private final ScramExchange login = scram.exchange();

        @Override
        public AuthDecision onAuth(AuthStep step) {
            return login.next(step);
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return login.userName().isPresent()
                    ? ConnectDecision.accept()
                    : ConnectDecision.reject(ReasonCode.NOT_AUTHORIZED);
        }
    }

    private static Properties saying(ByteBuffer data) {
        return saying("SCRAM-SHA-256", data);
    }

    private static Properties saying(String method, ByteBuffer data) {
        return Properties.builder()
                .add(Property.AUTHENTICATION_METHOD, method)
                .add(Property.AUTHENTICATION_DATA, data)
                .build();
    }

    private static ByteBuffer said(Packet packet) {
        return packet.properties().find(Property.AUTHENTICATION_DATA).orElseThrow();
    }

    private static Connect connect(ScramClient login) {
        return new Connect(V5, "c", true).withKeepAlive(0).withProperties(saying(login.first()));
    }

    private static Auth answer(ScramClient login, Packet challenge) {
        return new Auth(ReasonCode.CONTINUE_AUTHENTICATION, saying(login.answer(said(challenge))));
    }

    private static MemoryClient login(TestBroker broker, ScramClient login) {
        MemoryClient client = broker.send(connect(login));
        client.send(answer(login, client.take().get(0)));
        return client;
    }

    @Test
    void whoKnowsThePasswordIsInAndKnowsTheServer() {
        try (TestBroker broker = new TestBroker(client -> new Door())) {
            // given
            ScramClient login = new ScramClient("ada", "lovelace", "nonce");

            // when
            Packet ack = login(broker, login).take().get(0);

            // then
            assertEquals(ReasonCode.SUCCESS, ((ConnAck) ack).reason());
            login.verify(said(ack));
        }
    }

    @Test
    void whoDoesNotKnowItAndWhoDoesNotExistHearTheSame() {
        for (String name : List.of("ada", "nobody")) {
            try (TestBroker broker = new TestBroker(client -> new Door())) {
                MemoryClient client = login(broker, new ScramClient(name, "guess", "nonce"));
                assertEquals(List.of(new ConnAck(false, ReasonCode.NOT_AUTHORIZED)), client.take());
                assertTrue(client.isClosed());
            }
        }
    }

    @Test
    void whoDoesNotExistIsChallengedAsOthersAre() {
        for (String name : List.of("ada", "nobody")) {
            try (TestBroker broker = new TestBroker(client -> new Door())) {
                ByteBuffer first = new ScramClient(name, "guess", "nonce").first();
                Packet answer = broker.connectKeepingAll(new Connect(V5, "c", true).withProperties(saying(first)))
                        .get(0);
                ByteBuffer challenge =
                        answer.properties().find(Property.AUTHENTICATION_DATA).orElseThrow();
                assertTrue(TestBroker.decoded(challenge).endsWith(",i=" + ITERATIONS));
            }
        }
    }

    @Test
    void whoAsksForNothingOrForAnotherMethodStaysOut() {
        try (TestBroker broker = new TestBroker(client -> new Door())) {
            Connect other = new Connect(V5, "c", true)
                    .withProperties(saying("SCRAM-SHA-1", new ScramClient("ada", "lovelace", "nonce").first()));
            Connect garbage = new Connect(V5, "c", true).withProperties(saying(ByteBuffer.allocate(3)));
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.NOT_AUTHORIZED)),
                    broker.connectKeepingAll(new Connect(V5, "c", true)));
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.BAD_AUTHENTICATION_METHOD)), broker.connectKeepingAll(other));
            assertEquals(List.of(new ConnAck(false, ReasonCode.NOT_AUTHORIZED)), broker.connectKeepingAll(garbage));
        }
    }

    @Test
    void aClientProvesAgainThatItIsTheSameAndNobodyElse() {
        try (TestBroker broker = new TestBroker(client -> new Door())) {
            // given
            MemoryClient client = login(broker, new ScramClient("ada", "lovelace", "1"));
            client.take();
            ScramClient again = new ScramClient("ada", "lovelace", "2");
            ScramClient other = new ScramClient("grace", "hopper", "3");

            // when
            Packet challenge = client.exchange(new Auth(ReasonCode.RE_AUTHENTICATE, saying(again.first())))
                    .get(0);
            Packet done = client.exchange(answer(again, challenge)).get(0);
            List<Packet> refused = client.exchange(new Auth(ReasonCode.RE_AUTHENTICATE, saying(other.first())));

            // then
            again.verify(said(done));
            assertEquals(ReasonCode.SUCCESS, ((Auth) done).reason());
            assertEquals(List.of(new Disconnect(ReasonCode.NOT_AUTHORIZED)), refused);
        }
    }

    @Test
    void aPasswordIsStoredAsNothingThatCouldBeUsed() {
        // when
        ScramCredentials first = scram.credentials("lovelace");
        ScramCredentials second = scram.credentials("lovelace");

        // then
        assertEquals(16, first.salt().length);
        assertTrue(!ByteBuffer.wrap(first.storedKey()).equals(ByteBuffer.wrap(second.storedKey())));
    }
}
