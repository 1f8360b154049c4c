package io.mqttx.protocol.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a server keeps of a password for SCRAM-SHA-256: enough to recognise who knows it, not enough to be taken for
 * one who does (RFC 5802, section 3). Never shown in text.
 */
public final class ScramCredentials {
    /** The fewest iterations that are accepted and made (RFC 7677, section 4). */
    public static final int LEAST_ITERATIONS = 4096;

    private final byte[] salt;
    private final int iterations;
    private final byte[] storedKey;
    private final byte[] serverKey;

    /**
     * Those that were stored. The arrays are copied.
     *
     * @param salt       at least 1 byte; 16 random ones are usual
     * @param iterations at least {@link #LEAST_ITERATIONS}
     * @param storedKey  32 bytes
     * @param serverKey  32 bytes
     */
    public ScramCredentials(byte[] salt, int iterations, byte[] storedKey, byte[] serverKey) {
        if (salt.length == 0 || storedKey.length != ScramCrypto.LENGTH || serverKey.length != ScramCrypto.LENGTH) {
            throw new IllegalArgumentException("a salt and two keys of 32 bytes");
        }
        if (iterations < LEAST_ITERATIONS) {
            throw new IllegalArgumentException("iterations are at least 4096, not " + iterations);
        }
        this.salt = salt.clone();
        this.iterations = iterations;
        this.storedKey = storedKey.clone();
        this.serverKey = serverKey.clone();
    }

    /**
     * Those to be stored for a password, which is forgotten. Slow by intent: some milliseconds for each 4,096
     * iterations.
     *
     * @param password   not empty; prepared with SASLprep, as far as the JDK goes
     * @param salt       random, and another for each user
     * @param iterations at least {@link #LEAST_ITERATIONS}
     * @throws ScramException if the password holds characters that none may hold
     */
    public static ScramCredentials of(String password, byte[] salt, int iterations) {
        byte[] salted = ScramCrypto.saltedPassword(password, salt, iterations);
        byte[] storedKey = ScramCrypto.hash(ScramCrypto.clientKey(salted));
        return new ScramCredentials(salt, iterations, storedKey, ScramCrypto.serverKey(salted));
    }

    /**
     * Those of a user who does not exist: the same each time, and like any other to who does not know {@code secret},
     * so that nobody learns from the answer which users there are. No password fits them.
     *
     * @param secret     random, at least 16 bytes, kept for as long as users are
     * @param iterations as the real ones have
     */
    public static ScramCredentials ofNobody(byte[] secret, String userName, int iterations) {
        byte[] name = userName.getBytes(StandardCharsets.UTF_8);
        byte[] own = ScramCrypto.hmac(secret, name);
        return new ScramCredentials(
                Arrays.copyOf(ScramCrypto.hmac(own, "salt"), 16),
                iterations,
                ScramCrypto.hmac(own, "stored key"),
                ScramCrypto.hmac(own, "server key"));
    }

    /** The salt, a copy. */
    public byte[] salt() {
        return salt.clone();
    }

    /** How often the password was hashed. */
    public int iterations() {
        return iterations;
    }

    /** What recognises the client, a copy. */
    public byte[] storedKey() {
        return storedKey.clone();
    }

    /** What the server shows that it knows the user by, a copy. */
    public byte[] serverKey() {
        return serverKey.clone();
    }
}
