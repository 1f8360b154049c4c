/** Topics, packets and their bytes for MQTT 3.1, 3.1.1 and 5.0. Start reading at {@link io.mqttx.codec.MqttCodec}. */
module io.mqttx.codec {
    exports io.mqttx.codec;
    exports io.mqttx.packet;
    exports io.mqttx.topic;
}
