package io.mqttx.broker.api;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What a client says in enhanced authentication (§4.12).
 *
 * @param kind       where in the exchange
 * @param properties of the CONNECT or AUTH that it came with
 */
public record AuthStep(Kind kind, Properties properties) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Where in an exchange a client is. */
    public enum Kind {
        /** It begins, with CONNECT. */
        CONNECT,
        /** It goes on, with AUTH 0x18. */
        CONTINUE,
        /** It begins once more while the client is in, with AUTH 0x19 (§4.12.1). */
        RE_AUTHENTICATE
    }

    /** Checks that all is there. */
    public AuthStep {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(properties, "properties");
    }

    /** The authentication method, the same in every step of a connection. */
    public String method() {
        return properties.find(Property.AUTHENTICATION_METHOD).orElse("");
    }

    /** The authentication data as a read-only view; empty if there are none. */
    public ByteBuffer data() {
        return properties.find(Property.AUTHENTICATION_DATA).orElse(NOTHING).asReadOnlyBuffer();
    }
}
