/**
 * Connections by Netty: {@link io.mqttx.transport.netty.NettyTransport} moves bytes between sockets and a broker, on
 * epoll where the machine has it and on NIO elsewhere. It knows nothing of MQTT.
 */
package io.mqttx.transport.netty;
