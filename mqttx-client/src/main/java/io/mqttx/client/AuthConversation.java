package io.mqttx.client;

import io.mqttx.packet.Auth;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Enhanced authentication on one connection (§4.12): what the authenticator has to say, and when. Guarded by the lock
 * of the client.
 */
final class AuthConversation {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ClientLoop loop;
    private final ClientSession session;
    private final ClientAuthenticator authenticator;
    private ClientAuthenticator.Exchange exchange; // null without enhanced authentication
    private Optional<Promise<Boolean>> again = Optional.empty(); // who waits for a re-authentication

    AuthConversation(ClientLoop loop, ClientSession session) {
        this.loop = loop;
        this.session = session;
        this.authenticator = session.options().authenticator();
    }

    /** CONNECT with what begins the conversation, if there is to be one. */
    Connect opening(Connect connect) {
        if (authenticator.method().isEmpty()) {
            return connect;
        }
        exchange = authenticator.begin();
        return connect.withProperties(connect.properties()
                .with(Property.AUTHENTICATION_METHOD, authenticator.method())
                .with(Property.AUTHENTICATION_DATA, exchange.first()));
    }

    /** The server has let the client in. */
    void accepted(Properties ofConnAck) {
        if (exchange != null) {
            exchange.verify(dataOf(ofConnAck));
        }
    }

    /** The server goes on, or has accepted a re-authentication. The protocol has checked that it is its turn. */
    void received(Auth auth) {
        ByteBuffer data = dataOf(auth.properties());
        if (auth.reason() == ReasonCode.SUCCESS) {
            try {
                exchange.verify(data);
            } catch (RuntimeException e) {
                loop.distrust(e);
                return;
            }
            again.ifPresent(promise -> promise.succeed(true, session.completions()));
            again = Optional.empty();
        } else {
            ClientAuthenticator.Exchange current = exchange;
            session.machine().start(session.name() + "-auth", () -> answer(current, data));
        }
    }

    /** Proves once more who the client is. */
    void again(Promise<Boolean> promise) {
        if (exchange == null) {
            throw new IllegalStateException("there is no enhanced authentication");
        }
        if (again.isPresent()) {
            throw new FlowControlException("a re-authentication is under way already");
        }
        exchange = authenticator.begin();
        loop.connection().authenticate(auth(ReasonCode.RE_AUTHENTICATE, exchange.first()), loop);
        again = Optional.of(promise);
    }

    /** Nobody will answer any more. */
    void failAll(Supplier<RuntimeException> error) {
        again.ifPresent(promise -> promise.fail(error.get(), session.completions()));
        again = Optional.empty();
    }

    /** Without the lock, on a thread of its own: to find the answer may be slow by intent. */
    private void answer(ClientAuthenticator.Exchange current, ByteBuffer challenge) {
        Optional<ByteBuffer> answer = Optional.empty();
        Optional<RuntimeException> failure = Optional.empty();
        try {
            answer = Optional.of(current.answer(challenge));
        } catch (RuntimeException e) {
            failure = Optional.of(e);
        }
        session.lock().lock();
        try {
            if (!loop.isOver()) {
                failure.ifPresent(loop::distrust);
                answer.ifPresent(
                        data -> loop.connection().authenticate(auth(ReasonCode.CONTINUE_AUTHENTICATION, data), loop));
            }
        } finally {
            loop.release();
        }
    }

    private Auth auth(ReasonCode reason, ByteBuffer data) {
        return new Auth(
                reason,
                Properties.of(Property.AUTHENTICATION_METHOD, authenticator.method())
                        .with(Property.AUTHENTICATION_DATA, data));
    }

    private static ByteBuffer dataOf(Properties properties) {
        return properties.find(Property.AUTHENTICATION_DATA).orElse(NOTHING);
    }
}
