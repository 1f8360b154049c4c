package io.mqttx.protocol.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The client's half of one SCRAM-SHA-256 conversation, see {@link ScramServer}. One thread at a time, each method once
 * and in this order: {@link #first}, {@link #answer}, {@link #verify}.
 */
public final class ScramClient {
    private static final String HEADER = "n,,"; // no channel binding, acting for nobody else
    private static final String BINDING = "c=" + ScramMessage.base64(HEADER.getBytes(StandardCharsets.UTF_8));
    private static final int MOST_ITERATIONS = 10_000_000; // some seconds: a server may not keep a client busy for ever

    private final String password;
    private final String nonce;
    private final String clientFirst;
    private byte[] expected = {}; // the server's signature, known from the answer on

    /**
     * A conversation that has not begun.
     *
     * @param nonce printable ASCII without commas, unlike any before: 24 random characters, say
     * @throws ScramException if the name holds characters that none may hold
     */
    public ScramClient(String userName, String password, String nonce) {
        this.password = password;
        this.nonce = ScramMessage.requireNonce(nonce);
        this.clientFirst = "n=" + ScramMessage.encodedName(SaslPrep.prepare(userName)) + ",r=" + nonce;
    }

    /** The first message, which goes with CONNECT or AUTH 0x19. */
    public ByteBuffer first() {
        return ByteBuffer.wrap((HEADER + clientFirst).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the server's challenge. Slow by intent, as long as the server's iterations take.
     *
     * @return the answer, which proves that this client knows the password
     * @throws ScramException if the server's message is none, or wants fewer iterations than are safe
     */
    public ByteBuffer answer(ByteBuffer challenge) {
        ScramMessage said = ScramMessage.of(challenge);
        String both = said.value('r');
        byte[] salt = ScramMessage.bytesOf(said.value('s'));
        int iterations = iterations(said.value('i'));
        if (!both.startsWith(nonce) || both.length() == nonce.length() || salt.length == 0) {
            throw new ScramException("a challenge to somebody else");
        }
        byte[] salted = ScramCrypto.saltedPassword(password, salt, iterations);
        byte[] clientKey = ScramCrypto.clientKey(salted);
        String last = BINDING + ",r=" + both;
        byte[] conversation = (clientFirst + "," + said.text() + "," + last).getBytes(StandardCharsets.UTF_8);
        byte[] signature = ScramCrypto.hmac(ScramCrypto.hash(clientKey), conversation);
        expected = ScramCrypto.hmac(ScramCrypto.serverKey(salted), conversation);
        String proof = ScramMessage.base64(ScramCrypto.xor(clientKey, signature));
        return ByteBuffer.wrap((last + ",p=" + proof).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the server's last message.
     *
     * @throws ScramException if the server does not know the user either
     */
    public void verify(ByteBuffer message) {
        byte[] signature = ScramMessage.bytesOf(ScramMessage.of(message).value('v'));
        if (expected.length == 0 || !MessageDigest.isEqual(signature, expected)) {
            throw new ScramException("a server that does not know the user");
        }
    }

    private static int iterations(String text) {
        int iterations;
        try {
            iterations = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new ScramException("iterations that are no number");
        }
        if (iterations < ScramCredentials.LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
            throw new ScramException("iterations are 4096 to 10000000");
        }
        return iterations;
    }
}
