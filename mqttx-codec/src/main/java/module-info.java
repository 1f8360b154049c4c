/** MQTT topics, packets and their bytes, for every version of the standard. */
module io.mqttx.codec {}
