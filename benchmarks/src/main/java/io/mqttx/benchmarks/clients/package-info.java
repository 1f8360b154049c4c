/**
 * Whole clients side by side: this one, the HiveMQ MQTT client and Paho, each in a JVM of its own.
 */
package io.mqttx.benchmarks.clients;
