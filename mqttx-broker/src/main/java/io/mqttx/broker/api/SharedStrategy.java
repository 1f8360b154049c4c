package io.mqttx.broker.api;

/**
 * Which member of a shared subscription gets a message (§4.8.2). Whatever the strategy, a member that is not connected
 * gets a message only when no member is, and none costs more in a group of 10,000 than in a group of two.
 *
 * <p>A member is <em>free</em> while its window has room (§4.9) and what was written to it is being read. All but the
 * two hashes pass over members that are not free as long as another is; when none is, the message waits in the queue of
 * the one, of eight looked at, for which least is waiting.
 */
public enum SharedStrategy {
    /** One after the other. */
    ROUND_ROBIN,
    /** Any. */
    RANDOM,
    /** Always the same, until it is not free: then the next one, which is the same from then on. */
    STICKY,
    /** The one with the fewest messages sent and not acknowledged or waiting, of eight looked at in turn. */
    LEAST_IN_FLIGHT,
    /** The messages of one publisher go to one member, free or not, for as long as the members stay the same. */
    PUBLISHER_HASH,
    /** The messages to one topic go to one member, free or not, for as long as the members stay the same. */
    TOPIC_HASH
}
