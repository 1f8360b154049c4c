package io.mqttx.packet;

import io.mqttx.wire.Utf8;

/**
 * A name and a value that the standard gives no meaning to (§2.2.2.2). The same name may come twice.
 *
 * @param name  any text without U+0000, at most 65,535 bytes of UTF-8; may be empty
 * @param value likewise
 */
public record UserProperty(String name, String value) {
    /** Checks both texts. */
    public UserProperty {
        Checks.text(name, "name of a user property");
        Checks.text(value, "value of a user property");
    }

    int encodedLength() {
        return 4 + Utf8.encodedLength(name) + Utf8.encodedLength(value);
    }
}
