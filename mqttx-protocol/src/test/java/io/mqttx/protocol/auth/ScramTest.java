package io.mqttx.protocol.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramTest {
    // The example of RFC 7677, section 3.
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final byte[] SALT = Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static final String CLIENT_FIRST = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private static final String CLIENT_LAST = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_LAST = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private static final ScramCredentials PENCIL = ScramCredentials.of("pencil", SALT, 4096);

    private final ScramServer server = new ScramServer(SERVER_NONCE);

    @Test
    void theServerSaysWhatTheExampleOfTheRfcSays() {
        assertEquals("user", server.userName(bytes(CLIENT_FIRST)));
        assertEquals(SERVER_FIRST, text(server.challenge(PENCIL)));
        assertEquals(SERVER_LAST, text(server.verify(bytes(CLIENT_LAST))));
    }

    @Test
    void theClientSaysWhatTheExampleOfTheRfcSays() {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE);
        assertEquals(CLIENT_FIRST, text(client.first()));
        assertEquals(CLIENT_LAST, text(client.answer(bytes(SERVER_FIRST))));
        client.verify(bytes(SERVER_LAST));
    }

    @Test
    void bothHalvesUnderstandEachOtherWhateverTheNameHolds() {
        for (String name : List.of("a,b=c", "=2C", "Jürgen", "\u2168", "שלום")) {
            // given
            ScramServer other = new ScramServer("server");
            ScramClient client = new ScramClient(name, "pässwörd", "client");
            ScramCredentials known = ScramCredentials.of("pässwörd", new byte[] {1, 2, 3}, 4097);

            // when
            String said = other.userName(client.first());
            ByteBuffer answer = client.answer(other.challenge(known));
            client.verify(other.verify(answer));

            // then
            assertEquals(SaslPrep.prepare(name), said);
        }
    }

    @Test
    void anotherPasswordProvesNothing() {
        ScramClient client = new ScramClient("user", "Pencil", CLIENT_NONCE);
        server.userName(client.first());
        ByteBuffer answer = client.answer(server.challenge(PENCIL));
        assertThrows(ScramException.class, () -> server.verify(answer));
    }

    @Test
    void nobodyIsTheSameEachTimeAndHasNoPassword() {
        byte[] secret = "sixteen bytes or".getBytes(StandardCharsets.UTF_8);
        ScramCredentials nobody = ScramCredentials.ofNobody(secret, "user", 4096);
        ScramCredentials again = ScramCredentials.ofNobody(secret, "user", 4096);
        ScramCredentials other = ScramCredentials.ofNobody(secret, "other", 4096);
        assertArrayEquals(nobody.salt(), again.salt());
        assertEquals(16, nobody.salt().length);
        assertFalse(Arrays.equals(nobody.salt(), other.salt()));

        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE);
        server.userName(client.first());
        ByteBuffer answer = client.answer(server.challenge(nobody));
        assertThrows(ScramException.class, () -> server.verify(answer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,,",
                "n,,n=user",
                "n,,r=nonce,n=user",
                "n,,n=user,r=",
                "n,,n=user,r=a b",
                "n,,n=,r=nonce",
                "n,,n=us=er,r=nonce",
                "n,,n=us=2c,r=nonce",
                "n,,m=ext,n=user,r=nonce",
                "p=tls-unique,,n=user,r=nonce",
                "x,,n=user,r=nonce",
                "n,a=other,n=user,r=nonce",
                "n,,n=\u0007,r=nonce"
            })
    void aFirstMessageThatIsNoneIsRefused(String message) {
        assertThrows(ScramException.class, () -> server.userName(bytes(message)));
    }

    @Test
    void bytesThatAreNoTextAndMessagesThatAreTooLongAreRefused() {
        assertThrows(ScramException.class, () -> server.userName(ByteBuffer.wrap(new byte[] {'n', ',', (byte) 0xC0})));
        assertThrows(ScramException.class, () -> server.userName(ByteBuffer.allocate(5000)));
    }

    @Test
    void aClientThatWouldBindChannelsAndOneThatNamesItselfTwiceAreWelcome() {
        for (String header : List.of("y,,", "n,a=user,")) {
            ScramServer other = new ScramServer(SERVER_NONCE);
            other.userName(bytes(header + "n=user,r=" + CLIENT_NONCE));
            other.challenge(PENCIL);
            // the header is part of what is proved: the old proof is none here
            assertThrows(ScramException.class, () -> other.verify(bytes(CLIENT_LAST)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzb",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=!",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVU="
            })
    void aLastMessageThatDoesNotBelongOrProvesNothingIsRefused(String message) {
        server.userName(bytes(CLIENT_FIRST));
        server.challenge(PENCIL);
        assertThrows(ScramException.class, () -> server.verify(bytes(message)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "e=unknown-user",
                "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=10000001",
                "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=many",
                "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096"
            })
    void theClientAnswersNoChallengeThatIsNotSafe(String challenge) {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE);
        assertThrows(ScramException.class, () -> client.answer(bytes(challenge)));
    }

    @Test
    void theClientBelievesNoServerThatDoesNotKnowTheUser() {
        ScramClient client = new ScramClient("user", "pencil", CLIENT_NONCE);
        assertThrows(ScramException.class, () -> client.verify(bytes(SERVER_LAST)));
        client.answer(bytes(SERVER_FIRST));
        assertThrows(ScramException.class, () -> client.verify(bytes("e=other-error")));
        assertThrows(ScramException.class, () -> client.verify(bytes("v=AAAA")));
    }

    @Test
    void namesAndPasswordsArePreparedAsTheRfcsExamplesSay() {
        assertEquals("IX", SaslPrep.prepare("I\u00ADX")); // RFC 4013, section 3
        assertEquals("user", SaslPrep.prepare("user"));
        assertEquals("a", SaslPrep.prepare("\u00AA"));
        assertEquals("IX", SaslPrep.prepare("\u2168"));
        assertEquals("a b", SaslPrep.prepare("a\u00A0b"));
        for (String bad : List.of("\u0007", "\u06271", "", "\u00AD", "\uE000", "\uFFFD", "\u202E", "a\u0627")) {
            assertThrows(ScramException.class, () -> SaslPrep.prepare(bad));
        }
    }

    @Test
    void credentialsThatAreNotSafeAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> ScramCredentials.of("pencil", SALT, 4095));
        assertThrows(IllegalArgumentException.class, () -> ScramCredentials.of("pencil", new byte[0], 4096));
        assertThrows(ScramException.class, () -> ScramCredentials.of("", SALT, 4096));
        assertThrows(
                IllegalArgumentException.class,
                () -> new ScramCredentials(SALT, 4096, new byte[31], PENCIL.serverKey()));
        assertThrows(ScramException.class, () -> new ScramServer("a,b"));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
