package io.mqttx.broker.routing;

import io.mqttx.packet.QoS;

/** The place of one member in a shared subscription; {@link #NONE} for a subscription that is not shared. */
public final class Seat {
    /** No member of anything. */
    public static final Seat NONE = new Seat();

    private final SharedGroup group; // null in NONE only
    private final int slot;
    private final Subscriber subscriber;
    private final Room room;
    private volatile Grant grant;
    private volatile boolean vacant;

    private Seat() {
        group = null;
        slot = -1;
        subscriber = null;
        room = null;
    }

    Seat(SharedGroup group, int slot, Subscriber subscriber, Grant grant) {
        this.group = group;
        this.slot = slot;
        this.subscriber = subscriber;
        this.room = subscriber.room();
        this.grant = grant.at(this);
    }

    /** Whether this is a place in a shared subscription. */
    public boolean isShared() {
        return this != NONE;
    }

    /** The shared subscription, as its members wrote it: {@code $share/name/filter}; empty if this is none. */
    public String share() {
        return group == null ? "" : group.filter();
    }

    /** Whether its member has left the shared subscription. From any thread. */
    public boolean isVacant() {
        return vacant;
    }

    /** Whether a member of the same shared subscription is connected. From any thread. */
    public boolean isAnybodyOnline() {
        return group.isAnybodyOnline();
    }

    void grant(Grant other) {
        grant = other.at(this);
    }

    Grant grant() {
        return grant;
    }

    SharedGroup group() {
        return group;
    }

    int slot() {
        return slot;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    Room room() {
        return room;
    }

    boolean takes(SharedMessage message) {
        Grant now = grant;
        QoS qos = message.publish().qos().atMost(now.maximumQoS());
        return room.takes(message, qos, now.identifiers());
    }

    boolean isOnline() {
        return !vacant && room.isOnline();
    }

    boolean hasPlace() {
        return !vacant && room.isFree();
    }

    /** On the member's loop, and so are the next two. */
    void comes() {
        group.comes(slot);
    }

    void leaves() {
        group.leaves(slot);
    }

    void isFree() {
        group.isFree(slot);
    }

    void vacate() {
        vacant = true;
        room.remove(this);
    }
}
