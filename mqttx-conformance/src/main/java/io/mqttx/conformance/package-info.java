/**
 * Links tests to the numbered statements of the MQTT standards, which stand in the tables of {@code spec/}.
 */
package io.mqttx.conformance;
