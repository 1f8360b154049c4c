/**
 * A whole broker with scripted clients on a simulated network, played from a seed: thousands of different days.
 *
 * <p>{@link io.mqttx.broker.simulation.BrokerSimulationTest} says how often and how to play one of them again;
 * {@link io.mqttx.broker.simulation.World} is one day, and {@link io.mqttx.broker.simulation.Ledger} knows what must
 * never happen.
 */
package io.mqttx.broker.simulation;
