package io.mqttx.client;

import io.mqttx.packet.Property;
import java.util.Optional;

/** What is likely a mistake about the session of a client, though it is allowed. Pure. */
final class SessionAdvice {
    private SessionAdvice() {}

    /** What to warn of, if the session is to outlive its connection and something is missing for that. */
    static Optional<String> of(ClientOptions options) {
        boolean outlives = !options.cleanStart()
                || options.properties()
                        .find(Property.SESSION_EXPIRY_INTERVAL)
                        .filter(seconds -> seconds > 0)
                        .isPresent();
        if (!outlives) {
            return Optional.empty();
        }
        if (options.clientId().isEmpty()) {
            return Optional.of("the session is to outlive its connection, but there is no client identifier by which"
                    + " the next client finds it");
        }
        if (options.sessionStore() == SessionStore.NONE) {
            return Optional.of("the session of \"" + options.clientId() + "\" is to outlive its connection, but there"
                    + " is no session store: what is in flight when this client ends is lost, and QoS 2 messages may"
                    + " come twice");
        }
        return Optional.empty();
    }
}
