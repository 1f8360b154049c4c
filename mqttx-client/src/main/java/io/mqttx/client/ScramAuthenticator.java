package io.mqttx.client;

import io.mqttx.protocol.auth.ScramClient;
import io.mqttx.protocol.auth.ScramServer;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;

/** SCRAM-SHA-256 for {@link ClientAuthenticator}. */
final class ScramAuthenticator implements ClientAuthenticator {
    private static final int NONCE = 18; // bytes, 24 characters

    private final String userName;
    private final String password;
    private final SecureRandom random = new SecureRandom();

    ScramAuthenticator(String userName, String password) {
        this.userName = Objects.requireNonNull(userName, "userName");
        this.password = Objects.requireNonNull(password, "password");
        Exchange ignored = begin(); // a name that no server could take is told now
    }

    @Override
    public String method() {
        return ScramServer.METHOD;
    }

    @Override
    public Exchange begin() {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        ScramClient half =
                new ScramClient(userName, password, Base64.getEncoder().encodeToString(nonce));
        return new Exchange() {
            @Override
            public ByteBuffer first() {
                return half.first();
            }

            @Override
            public ByteBuffer answer(ByteBuffer challenge) {
                return half.answer(challenge);
            }

            @Override
            public void verify(ByteBuffer data) {
                half.verify(data);
            }
        };
    }
}
