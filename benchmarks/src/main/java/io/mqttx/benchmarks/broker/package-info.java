/** Benchmarks of what a broker is made of: trees, flows, and the way of a message to its sessions. */
package io.mqttx.benchmarks.broker;
