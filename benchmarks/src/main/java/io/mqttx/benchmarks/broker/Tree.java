package io.mqttx.benchmarks.broker;

import java.util.List;
import java.util.function.Supplier;

/** The subscriptions of a broker, of whichever make. For one thread. */
interface Tree {
    /** A client that is not there yet subscribes. */
    void subscribe(String client, String filter);

    /** A guest, who has no other subscription, subscribes and unsubscribes. */
    void visit(String filter);

    /**
     * The search for those who get a message, as the broker does it for each that is published.
     *
     * @param topic what the decoder makes of it is made now, what the broker makes of that is part of the search
     */
    Supplier<?> search(String topic);

    /** Who is found for this topic. */
    List<String> clients(String topic);
}
