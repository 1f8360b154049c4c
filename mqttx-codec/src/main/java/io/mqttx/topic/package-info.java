/**
 * What messages are published to and subscribed with (§4.7, §4.8.2): {@link io.mqttx.topic.TopicName}
 * and {@link io.mqttx.topic.TopicFilter}, checked once when made and immutable ever after.
 *
 * <p>Both are safe to share between threads. This package knows nothing of packets or subscriptions.
 */
package io.mqttx.topic;
