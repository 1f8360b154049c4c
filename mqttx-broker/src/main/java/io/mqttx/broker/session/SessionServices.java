package io.mqttx.broker.session;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.storage.Journals;

/** What every session of a broker works with. */
public record SessionServices(
        SubscriptionTree tree,
        Router router,
        QueueOptions queue,
        SubscriptionOptions subscriptions,
        BrokerEvents events,
        Stored stored,
        Journals journals) {}
