package io.mqttx.broker.limits;

import io.mqttx.broker.api.BrokerEvents.Limit;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import java.util.Optional;

/** Measures what one connection sends against its rates. One thread at a time. */
public final class Meter {
    private final Optional<TokenBucket> messages;
    private final Optional<TokenBucket> bytes;
    private final WhenExceeded whenExceeded;

    /**
     * For a connection that begins now.
     *
     * @param refusalsCanBeTold whether the client's version knows error codes in PUBACK
     */
    public Meter(ClientRates rates, boolean refusalsCanBeTold, long now) {
        this.messages = rates.messages().map(rate -> new TokenBucket(rate, now));
        this.bytes = rates.bytes().map(rate -> new TokenBucket(rate, now));
        this.whenExceeded = rates.whenExceeded() == WhenExceeded.REFUSE && !refusalsCanBeTold
                ? WhenExceeded.SLOW_DOWN
                : rates.whenExceeded();
    }

    /** What happens to a client that sends more than it may. */
    public WhenExceeded whenExceeded() {
        return whenExceeded;
    }

    /** Which limit stands in the way of the next packet, if one does. */
    public Optional<Limit> exceeded(boolean isMessage, long now) {
        if (isMessage && untilNext(messages, now) > 0) {
            return Optional.of(Limit.MESSAGE_RATE);
        }
        return untilNext(bytes, now) > 0 ? Optional.of(Limit.BYTE_RATE) : Optional.empty();
    }

    /** Takes a packet into account that is let through. */
    public void count(boolean isMessage, int size, long now) {
        if (isMessage) {
            messages.ifPresent(bucket -> bucket.take(1, now));
        }
        bytes.ifPresent(bucket -> bucket.take(size, now));
    }

    /** Nanoseconds until the client may send anything; 0 if it may now. */
    public long rest(long now) {
        return Math.max(untilNext(messages, now), untilNext(bytes, now));
    }

    private static long untilNext(Optional<TokenBucket> bucket, long now) {
        return bucket.isPresent() ? bucket.get().untilNext(now) : 0;
    }
}
