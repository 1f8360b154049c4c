package io.mqttx.protocol;

import io.mqttx.packet.Auth;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.flow.Violation;

/**
 * Whose turn it is in enhanced authentication (§4.12), the same seen from both sides.
 *
 * <pre>
 *   CONNECT -> SERVER -- AUTH 0x18 --> CLIENT -- AUTH 0x18 --> SERVER ... -- CONNACK --> NOBODY
 *   NOBODY -- AUTH 0x19 --> SERVER -- AUTH 0x18 --> CLIENT ...            -- AUTH 0x00 -> NOBODY
 * </pre>
 */
final class Authentication {
    private enum Turn {
        NOBODY,
        CLIENT,
        SERVER
    }

    /** Without a method: nobody's turn, and never anybody's. */
    static final Authentication NONE = new Authentication("", Turn.NOBODY);

    private final String method; // empty: none
    private Turn turn; // in NONE, which all connections share, always the same

    private Authentication(String method, Turn turn) {
        this.method = method;
        this.turn = turn;
    }

    /** Begins with a CONNECT that carries these properties. */
    static Authentication of(Properties ofConnect) {
        String method = ofConnect.find(Property.AUTHENTICATION_METHOD).orElse("");
        return method.isEmpty() ? NONE : new Authentication(method, Turn.SERVER);
    }

    boolean isUsed() {
        return !method.isEmpty();
    }

    boolean isClientsTurn() {
        return turn == Turn.CLIENT;
    }

    boolean isServersTurn() {
        return turn == Turn.SERVER;
    }

    /** CONNACK ends the first round. */
    void connected() {
        if (isUsed()) {
            turn = Turn.NOBODY;
        }
    }

    void spokenByClient(Auth auth, boolean connected) {
        checkMethod(auth);
        boolean more = auth.reason() == ReasonCode.CONTINUE_AUTHENTICATION && turn == Turn.CLIENT;
        boolean again = auth.reason() == ReasonCode.RE_AUTHENTICATE && connected && turn == Turn.NOBODY;
        if (!more && !again) {
            throw Violation.protocolError("AUTH " + auth.reason() + " from a client out of turn (§4.12)");
        }
        turn = Turn.SERVER;
    }

    void spokenByServer(Auth auth, boolean connected) {
        checkMethod(auth);
        boolean more = auth.reason() == ReasonCode.CONTINUE_AUTHENTICATION;
        boolean done = auth.reason() == ReasonCode.SUCCESS && connected;
        if (turn != Turn.SERVER || !more && !done) {
            throw Violation.protocolError("AUTH " + auth.reason() + " from a server out of turn [MQTT-4.12.0-2]");
        }
        turn = more ? Turn.CLIENT : Turn.NOBODY;
    }

    /** Checks that a CONNACK names the method of CONNECT, or none if that had none. */
    void checkConnAck(Properties ofConnAck) {
        if (!ofConnAck.find(Property.AUTHENTICATION_METHOD).orElse("").equals(method)) {
            throw Violation.protocolError(
                    "CONNACK has another authentication method than CONNECT [MQTT-4.12.0-5] [MQTT-4.12.0-6]");
        }
    }

    private void checkMethod(Auth auth) {
        if (method.isEmpty()) {
            throw Violation.protocolError("AUTH without a method in CONNECT [MQTT-4.12.0-6] [MQTT-4.12.0-7]");
        }
        String said = auth.properties().find(Property.AUTHENTICATION_METHOD).orElse("");
        if (!said.equals(method)) {
            throw Violation.protocolError("AUTH with another method than CONNECT [MQTT-4.12.0-5] [MQTT-4.12.1-1]");
        }
    }
}
