/** MQTT sessions and connections as state machines without I/O. Start reading at {@link io.mqttx.protocol}. */
module io.mqttx.protocol {
    requires transitive io.mqttx.codec;

    exports io.mqttx.protocol;
    exports io.mqttx.protocol.action;
    exports io.mqttx.protocol.auth;
    exports io.mqttx.protocol.flow;
}
