package io.mqttx.client;

import java.nio.ByteBuffer;

/**
 * How a client proves who it is by enhanced authentication (§4.12), version 5 only. Safe for all threads.
 */
public interface ClientAuthenticator {
    /** No enhanced authentication. */
    ClientAuthenticator NONE = new ClientAuthenticator() {
        @Override
        public String method() {
            return "";
        }

        @Override
        public Exchange begin() {
            throw new IllegalStateException("there is no enhanced authentication");
        }
    };

    /** The name of the method as CONNECT says it; empty: none. */
    String method();

    /** A new conversation: for each connection one, and for each re-authentication. Returns at once. */
    Exchange begin();

    /** One conversation. One thread at a time; what it throws ends the connection. */
    interface Exchange {
        /** The data of CONNECT, or of AUTH that begins a re-authentication. Returns at once. */
        ByteBuffer first();

        /** The answer to the data of an AUTH of the server. May take its time: it has a thread of its own. */
        ByteBuffer answer(ByteBuffer challenge);

        /**
         * The server has accepted, with this data, empty if there was none. Returns at once.
         *
         * @throws RuntimeException if the server did not prove what it had to prove
         */
        void verify(ByteBuffer data);
    }

    /** SCRAM-SHA-256 (RFC 7677): neither side tells the other the password, and each proves that it knows it. */
    static ClientAuthenticator scramSha256(String userName, String password) {
        return new ScramAuthenticator(userName, password);
    }
}
