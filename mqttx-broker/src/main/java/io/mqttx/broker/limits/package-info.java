/** How much one client may ask for: {@link io.mqttx.broker.limits.TopicLimits}. */
package io.mqttx.broker.limits;
