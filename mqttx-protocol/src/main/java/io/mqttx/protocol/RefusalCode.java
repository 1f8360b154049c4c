package io.mqttx.protocol;

import io.mqttx.packet.ReasonCode;
import java.util.Optional;

/** What a client before version 5 is told when its CONNECT is refused: it knows five return codes (3.1.1, §3.2.2.3). */
final class RefusalCode {
    private RefusalCode() {}

    /** The nearest reason that has a return code, if one comes near [MQTT-3.2.2-6 of 3.1.1]. */
    static Optional<ReasonCode> before5(ReasonCode reason) {
        return switch (reason) {
            case UNSUPPORTED_PROTOCOL_VERSION,
                    CLIENT_IDENTIFIER_NOT_VALID,
                    SERVER_UNAVAILABLE,
                    BAD_USER_NAME_OR_PASSWORD,
                    NOT_AUTHORIZED -> Optional.of(reason);
            case BANNED -> Optional.of(ReasonCode.NOT_AUTHORIZED);
            case SERVER_BUSY, CONNECTION_RATE_EXCEEDED, QUOTA_EXCEEDED -> Optional.of(ReasonCode.SERVER_UNAVAILABLE);
            default -> Optional.empty();
        };
    }
}
