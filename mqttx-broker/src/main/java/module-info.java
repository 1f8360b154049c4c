/** Embeddable MQTT broker without a network library of its own. */
module io.mqttx.broker {
    requires transitive io.mqttx.protocol;
}
