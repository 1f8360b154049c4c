package io.mqttx.broker.routing;

import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much one subscriber can take at the moment, for the shared subscriptions that it is a member of. Its session
 * keeps this up to date on its loop; publishers read it on any thread, and claim a place before they send a message on
 * its way, so that a burst does not go to a member which was free a moment ago.
 */
public final class Room {
    private final List<Seat> seats = new ArrayList<>(1); // on the subscriber's loop
    private final AtomicInteger claimed = new AtomicInteger(); // messages on their way to it
    private volatile boolean online;
    private volatile int places; // messages that it may be sent at once
    private volatile int load; // messages that it has not acknowledged, or that wait for it
    private volatile Taking taking = new Taking(Long.MAX_VALUE, ProtocolVersion.V5);

    /** What a connection takes. */
    private record Taking(long maximumPacketSize, ProtocolVersion version) {}

    /** That of somebody who is not there. */
    public Room() {}

    /** The subscriber has connected with these terms; on its loop. */
    public void comes(long maximumPacketSize, ProtocolVersion version) {
        taking = new Taking(maximumPacketSize, version);
        online = true;
        seats.forEach(Seat::comes);
    }

    /** The subscriber is gone; on its loop. */
    public void leaves() {
        online = false;
        places = 0;
        seats.forEach(Seat::leaves);
    }

    /**
     * It can take that much now; on its loop.
     *
     * @param free    messages at QoS 1 and 2 that may be sent at once
     * @param waiting messages that it has not acknowledged, or that wait
     */
    public void has(int free, int waiting) {
        load = waiting;
        places = free;
        if (isFree()) {
            for (int i = 0; i < seats.size(); i++) {
                seats.get(i).isFree();
            }
        }
    }

    /** Whether a member of one of its shared subscriptions is connected; on the subscriber's loop. */
    public boolean isAnybodyOnline() {
        return seats.stream().anyMatch(Seat::isAnybodyOnline);
    }

    /** A message that was on its way has come; on the subscriber's loop. */
    public void arrived() {
        claimed.decrementAndGet();
    }

    void add(Seat seat) {
        seats.add(seat);
        if (online) {
            seat.comes();
        }
        if (isFree()) {
            seat.isFree();
        }
    }

    void remove(Seat seat) {
        seats.remove(seat);
    }

    boolean isOnline() {
        return online;
    }

    boolean isFree() {
        return claimed.get() < places;
    }

    int load() {
        return load + claimed.get();
    }

    /** A message will be on its way if there is a place for it; tells whether there is. */
    boolean claimFree() {
        if (claimed.incrementAndGet() <= places) {
            return true;
        }
        claimed.decrementAndGet();
        return false;
    }

    /** A message is on its way, whether there is a place for it or not. */
    void claim() {
        claimed.incrementAndGet();
    }

    /** Messages on their way to it. */
    int onTheirWay() {
        return claimed.get();
    }

    /** Whether the client takes a packet of that size [MQTT-3.1.2-24]. */
    boolean takes(SharedMessage message, QoS qos, int[] identifiers) {
        Taking now = taking;
        return message.largestSize(identifiers) <= now.maximumPacketSize
                || message.sizeOf(now.version, qos, identifiers) <= now.maximumPacketSize;
    }
}
