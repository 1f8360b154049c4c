package io.mqttx.broker.auth;

import io.mqttx.protocol.auth.ScramCredentials;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) as an authentication method (§4.12): passwords that neither travel nor are
 * stored. One for a broker, safe for all threads; each connection has a {@link ScramExchange}.
 *
 * <p>Without channel binding. Users who do not exist are answered like others, so that nobody learns who does.
 */
public final class Scram {
    private final Users users;
    private final byte[] secret;
    private final int iterations;
    private final RandomGenerator random;

    /** Where the users are. Safe for all threads. */
    @FunctionalInterface
    public interface Users {

        /**
         * What is stored of this user, or nothing if there is none. Called on a connection's loop: return at once.
         *
         * @param userName prepared with SASLprep
         */
        CompletionStage<Optional<ScramCredentials>> find(String userName);
    }

    /**
     * For these users.
     *
     * @param secret at least 16 random bytes, the same over restarts: from them come the salts of users who do not exist
     * @param iterations how often passwords are hashed, at least {@link ScramCredentials#LEAST_ITERATIONS}: the number that
     *     all users are stored with, or else those who do not exist can be told by theirs
     * @param random safe for all threads, and impossible to foresee
     */
    public Scram(Users users, byte[] secret, int iterations, RandomGenerator random) {
        this.users = Objects.requireNonNull(users, "users");
        this.iterations = iterations;
        this.random = Objects.requireNonNull(random, "random");
        this.secret = secret.clone();
        if (secret.length < 16) {
            throw new IllegalArgumentException("a secret of at least 16 bytes");
        }
        if (iterations < ScramCredentials.LEAST_ITERATIONS) {
            throw new IllegalArgumentException("iterations are at least 4096, not " + iterations);
        }
    }

    /**
     * For these users, with {@link ScramCredentials#LEAST_ITERATIONS} and a secret of its own: who asks before and after a
     * restart can tell who does not exist.
     */
    public static Scram of(Users users) {
        SecureRandom random = new SecureRandom();
        return new Scram(users, bytes(random, 32), ScramCredentials.LEAST_ITERATIONS, random);
    }

    /**
     * What to store for a password, with a new salt. Takes some milliseconds for each 4,096 iterations.
     */
    public ScramCredentials credentials(String password) {
        return ScramCredentials.of(password, bytes(random, 16), iterations);
    }

    /** That of one connection. */
    public ScramExchange exchange() {
        return new ScramExchange(this);
    }

    CompletionStage<ScramCredentials> find(String userName) {
        return users.find(userName)
                .thenApply(found -> found.orElseGet(() -> ScramCredentials.ofNobody(secret, userName, iterations)));
    }

    /** Unlike any other: 144 random bits. */
    String nonce() {
        return Base64.getEncoder().encodeToString(bytes(random, 18));
    }

    private static byte[] bytes(RandomGenerator random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
