/** The last message of each topic that was published to be kept (§3.3.1.3). */
package io.mqttx.broker.retained;
