package io.mqttx.client;

import io.mqttx.packet.ReasonCode;
import java.util.Optional;

/** The server answered CONNECT with an error (§3.2.2.2). */
public final class ConnectRefusedException extends ConnectFailedException {
    private static final long serialVersionUID = 1L;

    ConnectRefusedException(DisconnectReason reason) {
        super(reason);
    }

    /** What the server said; before version 5 the reason that its return code stands for. */
    public ReasonCode code() {
        return reason().code();
    }

    /** The server to use instead, if it named one (§4.11). */
    public Optional<String> serverReference() {
        return reason().serverReference();
    }
}
