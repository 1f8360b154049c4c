package io.mqttx.protocol.flow;

/**
 * When a connection has been silent for too long (§3.1.2.10). Times are nanoseconds of a clock that may begin
 * anywhere and wrap, like {@code System.nanoTime()}: they are only ever subtracted.
 *
 * <p>A server waits for one and a half times the keep alive [MQTT-3.1.2-22]. A client sends PINGREQ when three
 * quarters of the keep alive have passed without a packet from it, so that the packet arrives before the whole has
 * [MQTT-3.1.2-20], and gives up when the server then stays silent; whatever arrives shows that it is there. A client
 * that waits for its answer goes on to send PINGREQ in time: its patience may be longer than the keep alive.
 */
public final class KeepAlive {
    /** What {@link #remaining} says when nothing is due. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final long SECOND = 1_000_000_000L;

    private final long sendWithin; // nanoseconds; 0 on a server, or without keep alive
    private final long hearWithin; // nanoseconds; 0 without keep alive
    private long lastSent;
    private long lastHeard;
    private boolean awaitingResponse; // a client's PINGREQ is out, since lastHeard or later

    private KeepAlive(long sendWithin, long hearWithin, long now) {
        this.sendWithin = sendWithin;
        this.hearWithin = hearWithin;
        this.lastSent = now;
        this.lastHeard = now;
    }

    /** That of a server. */
    public static KeepAlive ofServer(int seconds, long now) {
        return new KeepAlive(0, seconds * SECOND * 3 / 2, now);
    }

    /**
     * That of a client.
     *
     * @param patience nanoseconds that the server may take to answer PINGREQ
     */
    public static KeepAlive ofClient(int seconds, long patience, long now) {
        return new KeepAlive(seconds * SECOND * 3 / 4, seconds == 0 ? 0 : patience, now);
    }

    /** A packet from the peer arrived. */
    public void heard(long now) {
        lastHeard = now;
    }

    /** What arrived before {@code since} was not looked at yet: the peer's silence begins there at the earliest. */
    public void listeningSince(long since) {
        if (since - lastHeard > 0) {
            lastHeard = since;
        }
    }

    /** The answer to PINGREQ arrived. */
    public void answered(long now) {
        awaitingResponse = false;
        lastHeard = now;
    }

    /** Something was sent to the peer. */
    public void sent(long now) {
        lastSent = now;
    }

    /** PINGREQ was sent. */
    public void pinged(long now) {
        lastSent = now;
        if (!awaitingResponse) {
            awaitingResponse = true;
            lastHeard = now; // from here on patience is measured
        }
    }

    /** Whether PINGREQ is to be sent. */
    public boolean isPingDue(long now) {
        return sendWithin > 0 && now - lastSent >= sendWithin;
    }

    /** Whether the peer is to be given up. */
    public boolean isExpired(long now) {
        return listening() && now - lastHeard >= hearWithin;
    }

    /** Nanoseconds from {@code now} until one of the two, 0 or less if that has passed, or {@link #NEVER}. */
    public long remaining(long now) {
        long untilExpired = listening() ? hearWithin - (now - lastHeard) : NEVER;
        long untilPing = sendWithin > 0 ? sendWithin - (now - lastSent) : NEVER;
        return Math.min(untilExpired, untilPing);
    }

    private boolean listening() {
        return hearWithin > 0 && (sendWithin == 0 || awaitingResponse);
    }
}
