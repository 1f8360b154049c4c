/** How much one client may ask for, and how much of it a log shows: {@link io.mqttx.broker.limits.TopicLimits}. */
package io.mqttx.broker.limits;
