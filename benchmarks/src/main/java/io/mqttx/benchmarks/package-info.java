/**
 * Benchmarks of codec, protocol, client and broker, and of others' for comparison.
 */
package io.mqttx.benchmarks;
