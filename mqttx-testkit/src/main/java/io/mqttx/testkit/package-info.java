/**
 * A network, a clock and clients without threads, sockets or waiting: a whole broker in one thread, at the speed at
 * which a test moves it.
 *
 * <p>Start reading at {@link io.mqttx.testkit.MemoryTransport}; {@link io.mqttx.testkit.SimulatedNetwork} is the same
 * with delays, pieces and losses, all from one seed. Nothing runs before {@link io.mqttx.testkit.ManualLoops#run} or
 * {@link io.mqttx.testkit.ManualLoops#advance} says so, and then always in the same order.
 * {@link io.mqttx.testkit.SimulatedStorage} is a disk that is slow, fails and loses what it is told to. Where sockets are the point,
 * {@link io.mqttx.testkit.ByteClient} is a client over a real one.
 */
package io.mqttx.testkit;
