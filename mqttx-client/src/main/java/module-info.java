/** MQTT client on the JDK alone. */
module io.mqttx.client {
    requires transitive io.mqttx.protocol;
}
