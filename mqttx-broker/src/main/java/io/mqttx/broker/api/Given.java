package io.mqttx.broker.api;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import java.util.Objects;

/** What an application gives along with a decision: checked where it is made, so that the stack trace is its own. */
final class Given {
    private Given() {}

    /** What goes with a refusal or a goodbye: why, and where else to try (§4.11). */
    static void explanation(Properties properties, String where) {
        properties(properties, where, Property.REASON_STRING, Property.USER_PROPERTY, Property.SERVER_REFERENCE);
    }

    /** Refuses properties that are not for an application to say there. */
    static void properties(Properties properties, String where, Property<?>... allowed) {
        Properties rest = Objects.requireNonNull(properties, "properties");
        for (Property<?> property : allowed) {
            rest = rest.without(property);
        }
        if (!rest.isEmpty()) {
            throw new IllegalArgumentException(rest + " is not for a handler to say in " + where);
        }
    }
}
