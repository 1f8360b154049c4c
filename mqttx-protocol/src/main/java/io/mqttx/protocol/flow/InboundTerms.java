package io.mqttx.protocol.flow;

import io.mqttx.packet.ProtocolVersion;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a connection means for the messages that come over it.
 *
 * @param version        before version 5 there are no reason codes and no receive maximum
 * @param receiveMaximum how many QoS 1 and 2 messages the peer may send before we answer (§4.9)
 * @param explanations   what the peer takes along with an answer
 */
public record InboundTerms(ProtocolVersion version, int receiveMaximum, Explanations explanations) {
    // What most connections before version 5 have: one for all.
    private static final Map<ProtocolVersion, InboundTerms> UNLIMITED = Arrays.stream(ProtocolVersion.values())
            .collect(Collectors.toUnmodifiableMap(
                    version -> version,
                    version -> new InboundTerms(version, PacketIds.HIGHEST, Explanations.UNLIMITED)));

    /** Checks everything. */
    public InboundTerms {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(explanations, "explanations");
        if (receiveMaximum < 1 || receiveMaximum > PacketIds.HIGHEST) {
            throw new IllegalArgumentException("receive maximum is 1 to 65535, not " + receiveMaximum);
        }
    }

    /** No limits beyond those of the protocol. */
    public static InboundTerms of(ProtocolVersion version) {
        return UNLIMITED.get(version);
    }

    boolean hasReasons() {
        return version.hasProperties();
    }
}
