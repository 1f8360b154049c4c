/**
 * The fifteen packets of MQTT as records that cannot be wrong, with their properties and reason codes.
 *
 * <p>The packets of MQTT 5 are the only model: those of 3.1 and 3.1.1 are projections that the codec makes.
 * Whatever a packet may not hold is refused when it is made, with a
 * {@link io.mqttx.packet.ProtocolException} that names the statement broken, so a packet read from a peer and
 * one built here have passed the same checks. All types are immutable and safe for all threads.
 *
 * <p>Start reading at {@link io.mqttx.packet.Publish}; {@link io.mqttx.packet.Property} is the table of the
 * properties. This package knows topics, and nothing of the bytes of a packet, sockets or sessions.
 */
package io.mqttx.packet;
