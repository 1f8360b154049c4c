package io.mqttx.broker.session;

import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.packet.QoS;
import java.util.Objects;

/**
 * A message on its way to one client: what it shares with other receivers, and what is its own.
 *
 * @param message     the shared part
 * @param qos         how surely this client gets it
 * @param retain      RETAIN as this client sees it
 * @param counted     whether it takes room in a queue; a retained message is held elsewhere anyway
 * @param identifiers subscription identifiers to tell this client, often none; not to be written to
 * @param seat        the place in a shared subscription by which it came, or {@link Seat#NONE}
 * @param sequence    the number under which it is kept in the storage, or 0 if it is not
 */
@SuppressWarnings("ArrayRecordComponent") // made for each delivery, compared by nobody
public record Delivery(
        SharedMessage message, QoS qos, boolean retain, boolean counted, int[] identifiers, Seat seat, long sequence) {
    /** Checks that all is there. */
    public Delivery {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(qos, "qos");
        Objects.requireNonNull(identifiers, "identifiers");
        Objects.requireNonNull(seat, "seat");
    }

    /** The same under this number. */
    Delivery withSequence(long number) {
        return new Delivery(message, qos, retain, counted, identifiers, seat, number);
    }
}
