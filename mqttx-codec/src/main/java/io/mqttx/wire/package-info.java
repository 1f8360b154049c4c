/**
 * The data representations of §1.5: UTF-8 strings and variable byte integers, on plain byte arrays.
 *
 * <p>Not exported: topics, packets and codec share these few rules so that each stands in one place.
 * This package knows nothing of packets, and has no exception of its own.
 */
package io.mqttx.wire;
