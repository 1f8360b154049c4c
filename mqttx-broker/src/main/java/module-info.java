/** An MQTT broker to embed, on the JDK alone; a transport brings the connections. Start at {@link io.mqttx.broker.Broker}. */
module io.mqttx.broker {
    requires transitive io.mqttx.protocol;

    exports io.mqttx.broker;
    exports io.mqttx.broker.api;
    exports io.mqttx.broker.auth;
    exports io.mqttx.broker.spi;
    exports io.mqttx.broker.storage;
}
