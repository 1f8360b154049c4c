/**
 * An MQTT client for versions 3.1, 3.1.1 and 5.0 on the JDK alone.
 *
 * <p>Start at {@link io.mqttx.client.MqttClient}: it connects as {@link io.mqttx.client.ClientOptions} say and tells a
 * {@link io.mqttx.client.ClientHandler} what happens. What goes wrong is a
 * {@link io.mqttx.client.MqttClientException}, or an {@link io.mqttx.packet.ProtocolException} if the application asks
 * for what the standard or the server does not allow.
 *
 * <p>Inside, {@code Lifeline} is where to start: it makes one {@code ClientLoop} after the other, asking {@code Attempts}
 * what to try and {@code BackOff} when. {@code ClientLoop} owns one connection, asks {@code io.mqttx.protocol} what is to
 * be done, and does it; {@code ClientSession} holds what outlives it. Bytes come in through {@code Reader} and go out
 * through {@code Writer}; what the application asks for begins in {@code Publisher} and {@code Requests}, what it is told
 * goes through {@code Callbacks}. The rules of the protocol are there and not here; how bytes travel is the matter of
 * {@code io.mqttx.client.link}, whose layers
 * {@code Links} puts together.
 */
package io.mqttx.client;
