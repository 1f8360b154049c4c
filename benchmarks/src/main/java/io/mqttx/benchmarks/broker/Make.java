package io.mqttx.benchmarks.broker;

/** Whose tree of subscriptions it is. */
public enum Make {
    /** Ours, where topics come again and are remembered. */
    MQTTX,
    /** Ours, where what is remembered never helps: it is looked for, and what is found is remembered in vain. */
    MQTTX_ANEW,
    MOQUETTE,
    HIVEMQ;

    Tree tree() {
        return switch (this) {
            case MQTTX -> new MqttxTree(false);
            case MQTTX_ANEW -> new MqttxTree(true);
            case MOQUETTE -> new MoquetteTree();
            case HIVEMQ -> new HiveMqTree();
        };
    }
}
