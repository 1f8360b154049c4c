package io.mqttx.broker.routing;

import io.mqttx.broker.limits.Quoted;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The last step of routing: what goes wrong with one subscriber is no matter of the others. */
final class Delivering {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private Delivering() {}

    static void to(Subscriber subscriber, SharedMessage message, Grant grant, long sequence) {
        try {
            subscriber.deliver(message, grant, sequence);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a message to client " + Quoted.of(subscriber.clientId()) + " is lost", e);
        }
    }
}
