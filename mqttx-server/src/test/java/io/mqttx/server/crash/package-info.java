/** A broker process that is killed, or whose machine loses its power, under load; and what must be left then. */
package io.mqttx.server.crash;
