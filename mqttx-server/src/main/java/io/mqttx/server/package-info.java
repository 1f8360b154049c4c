/**
 * The {@code mqttx} command: reads the command line and puts broker, client and transport together.
 *
 * <p>Start reading at {@link io.mqttx.server.Main}. Nothing imports this package.
 */
package io.mqttx.server;
