/** What happens to a message that comes in: {@link io.mqttx.broker.publish.PublishPipeline} is the order of checks. */
package io.mqttx.broker.publish;
