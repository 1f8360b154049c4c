package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.limits.TopicLimits;
import io.mqttx.broker.publish.PublishPipeline;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.storage.Journals;
import java.util.random.RandomGenerator;

/**
 * What every connection of a broker works with.
 *
 * @param random chooses client identifiers for those that have none; safe for all threads
 */
public record Services(
        BrokerOptions options,
        HandlerFactory handlers,
        BrokerEvents events,
        TopicLimits limits,
        PublishPipeline pipeline,
        RetainedMessages retained,
        Homes homes,
        Journals journals,
        RandomGenerator random) {}
