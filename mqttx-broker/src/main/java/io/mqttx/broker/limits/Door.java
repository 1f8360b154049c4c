package io.mqttx.broker.limits;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerEvents.Limit;
import io.mqttx.broker.api.Listener;
import io.mqttx.packet.ReasonCode;
import java.util.Optional;

/**
 * Who may come in at one listener: so many in all, so many per interval.
 *
 * <p>One connection too many is told so, which costs a TLS handshake and the reading of a CONNECT. As many again as the
 * rate allows are told; of those above the number a few are told at a time. Whoever comes beyond that is closed before
 * a byte is read. Safe for all threads.
 */
public final class Door {
    /** What becomes of a connection. */
    public enum Entry {
        /** It may send CONNECT. */
        WELCOME(Optional.empty()),
        /** Its CONNECT is refused: they come too fast (§3.2.2.2). */
        TOO_FAST(Optional.of(ReasonCode.CONNECTION_RATE_EXCEEDED)),
        /** Its CONNECT is refused: the listener has as many as it may have. */
        LISTENER_FULL(Optional.of(ReasonCode.QUOTA_EXCEEDED)),
        /** Its CONNECT is refused: the broker has as many as it may have. */
        BROKER_FULL(Optional.of(ReasonCode.SERVER_BUSY)),
        /** It is closed without a word. */
        TURNED_AWAY(Optional.empty());

        private final Optional<ReasonCode> refusal;

        Entry(Optional<ReasonCode> refusal) {
            this.refusal = refusal;
        }

        /** What its CONNECT is answered with, if it is refused. */
        public Optional<ReasonCode> refusal() {
            return refusal;
        }
    }

    private final Seats ofBroker;
    private final Seats ofRefused;
    private final Seats ofListener;
    private final Optional<TokenBucket> rate;
    private final Optional<TokenBucket> refusals; // of those that come too fast
    private final BrokerEvents events;

    /**
     * The door of a listener.
     *
     * @param ofBroker  for all connections of the broker; shared with the other doors
     * @param ofRefused for those that are to be told that they may not come in; shared too
     * @param now       on the loops' clock
     */
    public Door(Listener listener, Seats ofBroker, Seats ofRefused, BrokerEvents events, long now) {
        this.ofBroker = ofBroker;
        this.ofRefused = ofRefused;
        this.ofListener = new Seats(listener.maxConnections());
        this.rate = listener.connectionRate().map(allowed -> new TokenBucket(allowed, now));
        this.refusals = listener.connectionRate().map(allowed -> new TokenBucket(allowed, now));
        this.events = events;
    }

    /** Somebody is here. Whoever is not turned away has to {@link #leave} in the end. */
    public Entry enter(String remoteAddress, long now) {
        if (rate.isPresent() && !rate.get().tryTake(now)) {
            events.limited(Limit.CONNECTION_RATE, remoteAddress);
            return refusals.orElseThrow().tryTake(now) ? refused(Entry.TOO_FAST) : Entry.TURNED_AWAY;
        }
        if (!ofListener.tryTake()) {
            events.limited(Limit.CONNECTIONS, remoteAddress);
            return refused(Entry.LISTENER_FULL);
        }
        if (!ofBroker.tryTake()) {
            ofListener.free();
            events.limited(Limit.CONNECTIONS, remoteAddress);
            return refused(Entry.BROKER_FULL);
        }
        return Entry.WELCOME;
    }

    /** The connection that entered so is gone. */
    public void leave(Entry entry) {
        switch (entry) {
            case WELCOME -> {
                ofListener.free();
                ofBroker.free();
            }
            case TOO_FAST, LISTENER_FULL, BROKER_FULL -> ofRefused.free();
            case TURNED_AWAY -> {}
        }
    }

    private Entry refused(Entry why) {
        return ofRefused.tryTake() ? why : Entry.TURNED_AWAY;
    }
}
