package io.mqttx.broker.api;

import java.util.Objects;

/**
 * A session, as it was when somebody asked.
 *
 * @param clientId      whose it is
 * @param online        whether the client is connected
 * @param expirySeconds how long it lives without a connection; 0xFFFF_FFFF: for ever (§3.1.2.11.2)
 * @param subscriptions how many it has
 * @param queued        messages that wait for the client or for its window
 * @param queuedBytes   what those take of the limit in {@link QueueOptions#maxBytes()}
 * @param inFlight      messages sent to the client whose exchange is not complete (§4.3)
 */
public record SessionInfo(
        String clientId,
        boolean online,
        long expirySeconds,
        int subscriptions,
        int queued,
        long queuedBytes,
        int inFlight) {
    /** Checks that it has a name. */
    public SessionInfo {
        Objects.requireNonNull(clientId, "clientId");
    }
}
