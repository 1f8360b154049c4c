package io.mqttx.packet;

import java.util.Optional;

/** The versions of the protocol, as CONNECT names them (§3.1.2.1, §3.1.2.2). */
public enum ProtocolVersion {
    /** MQTT 3.1, of 2010: protocol name {@code MQIsdp}, level 3. */
    V3_1("MQIsdp", 3),
    /** MQTT 3.1.1, of 2014: protocol name {@code MQTT}, level 4. */
    V3_1_1("MQTT", 4),
    /** MQTT 5.0, of 2019: protocol name {@code MQTT}, level 5. */
    V5("MQTT", 5);

    private static final ProtocolVersion[] ALL = values();

    private final String protocolName;
    private final int level;

    ProtocolVersion(String protocolName, int level) {
        this.protocolName = protocolName;
        this.level = level;
    }

    /** The version with this protocol name and level, if there is one. */
    public static Optional<ProtocolVersion> of(String protocolName, int level) {
        for (ProtocolVersion version : ALL) {
            if (version.level == level && version.protocolName.equals(protocolName)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /** The protocol name in CONNECT. */
    public String protocolName() {
        return protocolName;
    }

    /** The protocol level (3.x) or protocol version (5.0) in CONNECT: 3, 4 or 5. */
    public int level() {
        return level;
    }

    /** Whether packets have properties and acknowledgements reason codes: only in 5.0. */
    public boolean hasProperties() {
        return this == V5;
    }
}
