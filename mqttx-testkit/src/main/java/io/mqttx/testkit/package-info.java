/**
 * A network, a clock and clients without threads, sockets or waiting: a whole broker in one thread, at the speed at
 * which a test moves it.
 *
 * <p>Start reading at {@link io.mqttx.testkit.MemoryTransport}; {@link io.mqttx.testkit.ByteClient} is for tests where
 * sockets are the point. In memory nothing runs before
 * {@link io.mqttx.testkit.ManualLoops#run} or {@link io.mqttx.testkit.ManualLoops#advance} says so, and
 * then always in the same order.
 */
package io.mqttx.testkit;
