/**
 * Packets to bytes and back, for all three versions, on {@link java.nio.ByteBuffer} and nothing else.
 *
 * <p>Two lines are enough with {@link io.mqttx.codec.MqttCodec}. Who owns a connection keeps one
 * {@link io.mqttx.codec.PacketDecoder}, which takes the bytes as they come, and one
 * {@link io.mqttx.codec.PacketEncoder}, which writes into a buffer that the caller supplies; a message for
 * many receivers is encoded once with {@link io.mqttx.codec.EncodedPublish}.
 *
 * <p>Each packet has one {@code …Codec} with both directions and all versions side by side. This package knows
 * packets and bytes: not sockets, not sessions.
 */
package io.mqttx.codec;
