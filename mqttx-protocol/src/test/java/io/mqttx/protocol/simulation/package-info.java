/**
 * Two peers and a wire that breaks, played from a seed: thousands of different lives of one session.
 *
 * <p>{@link io.mqttx.protocol.simulation.SimulationTest} says how often and how to play one of them again.
 */
package io.mqttx.protocol.simulation;
