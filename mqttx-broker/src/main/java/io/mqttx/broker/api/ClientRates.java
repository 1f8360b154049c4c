package io.mqttx.broker.api;

import java.util.Objects;
import java.util.Optional;

/**
 * How much one connection may send, and what happens to more.
 *
 * <p>What arrives while there is anything left of the rate is let through whole; what it takes beyond that is a debt,
 * which is paid before anything else is let through. So the average holds for packets of any size.
 *
 * @param messages     PUBLISH packets; empty: as many as it likes. Default: empty
 * @param bytes        bytes of packets of any type, the fixed header included; empty: as many as it likes. Default:
 *                     empty
 * @param whenExceeded what happens to more. Default: {@link WhenExceeded#SLOW_DOWN}
 */
public record ClientRates(Optional<Rate> messages, Optional<Rate> bytes, WhenExceeded whenExceeded) {
    private static final ClientRates UNLIMITED =
            new ClientRates(Optional.empty(), Optional.empty(), WhenExceeded.SLOW_DOWN);

    /** What happens to a client that sends more than it may. */
    public enum WhenExceeded {
        /**
         * Nothing of it is read until it may send again: TCP makes it wait, and nothing is lost. That it is not heard
         * meanwhile does not count as silence; but its PINGREQ waits too, so choose an interval that is short beside
         * the keep alive.
         */
        SLOW_DOWN,
        /**
         * Messages are refused: QoS 0 is dropped, QoS 1 and 2 are answered with {@code QUOTA_EXCEEDED}. Clients before
         * version 5, which cannot be told, are slowed down instead.
         */
        REFUSE,
        /** The connection ends with {@code MESSAGE_RATE_TOO_HIGH}. */
        DISCONNECT
    }

    /** Checks that all is there. */
    public ClientRates {
        Objects.requireNonNull(messages, "messages");
        Objects.requireNonNull(bytes, "bytes");
        Objects.requireNonNull(whenExceeded, "whenExceeded");
    }

    /** No limit: the default. */
    public static ClientRates unlimited() {
        return UNLIMITED;
    }

    /** The same with a limit for messages. */
    public ClientRates withMessages(Rate rate) {
        return new ClientRates(Optional.of(rate), bytes, whenExceeded);
    }

    /** The same with a limit for bytes. */
    public ClientRates withBytes(Rate rate) {
        return new ClientRates(messages, Optional.of(rate), whenExceeded);
    }

    /** The same with another answer to more. */
    public ClientRates withWhenExceeded(WhenExceeded answer) {
        return new ClientRates(messages, bytes, answer);
    }

    /** Whether there is any limit. */
    public boolean isLimited() {
        return messages.isPresent() || bytes.isPresent();
    }
}
