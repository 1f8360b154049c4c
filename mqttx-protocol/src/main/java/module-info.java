/** MQTT sessions and connections as state machines without I/O. */
module io.mqttx.protocol {
    requires transitive io.mqttx.codec;
}
