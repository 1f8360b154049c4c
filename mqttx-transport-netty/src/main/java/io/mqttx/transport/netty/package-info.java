/**
 * The broker's transport on Netty: moves bytes between sockets and the broker, nothing else.
 */
package io.mqttx.transport.netty;
