/**
 * What is true of the house as a whole, held by tests: who imports whom, that the documentation's code compiles,
 * that its links lead somewhere, and how long the files are.
 *
 * <p>Start reading at {@link io.mqttx.checks.Layers}, which lists the modules and their packages from the ground up.
 * This package reads source text only; it knows nothing of MQTT.
 */
package io.mqttx.checks;
