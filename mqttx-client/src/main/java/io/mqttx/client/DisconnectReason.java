package io.mqttx.client;

import io.mqttx.client.link.LinkException;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.util.Objects;
import java.util.Optional;

/**
 * How a connection ended, or why there was none.
 *
 * @param cause      who or what ended it
 * @param code       the reason code that was received or sent, or that comes nearest
 * @param properties those of the server's DISCONNECT or refusing CONNACK, empty if there was none
 * @param detail     for people and logs
 * @param error      what the network said, if it was the network
 */
public record DisconnectReason(
        Cause cause, ReasonCode code, Properties properties, String detail, Optional<Throwable> error) {

    /** Who or what ended a connection. */
    public enum Cause {
        /** {@link MqttClient#disconnect} or {@link MqttClient#close}. */
        CLOSED_BY_CLIENT,
        /** The server sent DISCONNECT (§3.14). */
        DISCONNECTED_BY_SERVER,
        /** The server closed the connection without a word. */
        CLOSED_BY_SERVER,
        /** The server answered CONNECT with an error (§3.2.2.2). */
        REFUSED,
        /** There was no CONNACK in time. */
        CONNECT_TIMEOUT,
        /** There was no answer to PINGREQ in time (§3.1.2.10). */
        PING_TIMEOUT,
        /** The server broke the protocol; it was told, if its version has a way to (§4.13). */
        PROTOCOL_ERROR,
        /** The network broke, or the server could not be reached. */
        IO_ERROR
    }

    /** Checks that all is there. */
    public DisconnectReason {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(properties, "properties");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(error, "error");
    }

    static DisconnectReason of(Cause cause, ReasonCode code, String detail) {
        return new DisconnectReason(cause, code, Properties.EMPTY, detail, Optional.empty());
    }

    static DisconnectReason ioError(Throwable error) {
        return new DisconnectReason(
                Cause.IO_ERROR,
                ReasonCode.UNSPECIFIED_ERROR,
                Properties.EMPTY,
                error instanceof LinkException ? error.getMessage() : String.valueOf(error),
                Optional.of(error));
    }

    /** The server to use instead, if the server named one (§4.11). */
    public Optional<String> serverReference() {
        return properties.find(Property.SERVER_REFERENCE);
    }

    /** The server's own words, if it said any (§3.14.2.2.3). */
    public Optional<String> reasonString() {
        return properties.find(Property.REASON_STRING);
    }

    @Override
    public String toString() {
        return cause + " " + code + ": " + detail
                + reasonString().map(words -> ", " + words).orElse("");
    }
}
