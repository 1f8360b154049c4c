/**
 * How bytes get to a server and back: a {@link io.mqttx.client.link.Link} is opened, read, written and closed, and
 * knows nothing of MQTT.
 *
 * <p>Links are layers: {@link io.mqttx.client.link.TcpLink} lies at the bottom; what encrypts, tunnels or frames wraps
 * the link below it and is a link itself, so that every transport works through every other. This package sees the
 * JDK alone.
 */
package io.mqttx.client.link;
