/** MQTT client on the JDK alone. Start reading at {@link io.mqttx.client.MqttClient}. */
module io.mqttx.client {
    requires transitive io.mqttx.protocol;

    exports io.mqttx.client;
}
