/**
 * Links tests to the numbered statements of the MQTT standards, whose tables stand in {@code spec/}.
 *
 * <p>A test says which statement it proves with {@link io.mqttx.conformance.Statement}; a test that walks
 * through all statements, reason codes or properties reads them with {@link io.mqttx.conformance.SpecTable}.
 * Nothing here knows MQTT itself, and nothing but tests uses it.
 */
package io.mqttx.conformance;
