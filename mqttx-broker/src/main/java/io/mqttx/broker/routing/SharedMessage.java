package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.codec.EncodedPublish;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.util.Objects;

/**
 * A message on its way to any number of subscribers: held once, and encoded once for each kind of receiver. Safe for
 * all threads.
 */
public final class SharedMessage {
    private static final long NEVER = -1;
    private static final int MOST_OVERHEAD = 1 + 4 + 2 + 2 + 4; // bytes: header, lengths, packet identifier
    private static final int LARGEST_IDENTIFIER = 5; // bytes of a subscription identifier
    private static final long NANOS = 1_000_000_000L;

    private final String publisher;
    private final Publish publish;
    private final long arrived; // on the loops' clock
    private final long expirySeconds; // NEVER, or from arrival on

    // Made when first needed; should two threads do so at once, both make the same bytes.
    private volatile EncodedPublish current; // version 5
    private volatile EncodedPublish older; // 3.1 and 3.1.1, whose PUBLISH is the same

    /**
     * A message that came at {@code arrived}.
     *
     * @param publisher client identifier, or empty for the application
     * @param publish   without topic alias and subscription identifiers
     * @param arrived   on the loops' clock, in nanoseconds
     */
    public SharedMessage(String publisher, Publish publish, long arrived) {
        this.publisher = Objects.requireNonNull(publisher, "publisher");
        this.publish = Objects.requireNonNull(publish, "publish");
        this.arrived = arrived;
        this.expirySeconds = publish.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, NEVER);
    }

    /** One that was kept, by a broker before this one perhaps. */
    public static SharedMessage restored(Kept.Message kept, Clocks clocks) {
        return new SharedMessage(kept.publisher(), kept.publish(), clocks.toLoops(kept.arrived()));
    }

    /** What is to be kept of it. */
    public Kept.Message kept(Clocks clocks) {
        return new Kept.Message(publisher, publish, clocks.toCalendar(arrived));
    }

    /** Who published it; empty for the application. */
    public String publisher() {
        return publisher;
    }

    /** As it was published. */
    public Publish publish() {
        return publish;
    }

    /** Whether its expiry interval has passed (§3.3.2.3.3). */
    public boolean isExpired(long now) {
        return expirySeconds != NEVER && secondsWaited(now) >= expirySeconds;
    }

    /** Whether its expiry interval has passed by this clock, which is asked only if there is one. */
    public boolean isExpired(Loop clock) {
        return expirySeconds != NEVER && isExpired(clock.now());
    }

    /** The message as it is to be sent now: its expiry interval less the time that it has waited [MQTT-3.3.2-6]. */
    public Publish publishAt(long now) {
        long waited = expirySeconds == NEVER ? 0 : secondsWaited(now);
        if (waited == 0) {
            return publish;
        }
        long left = Math.max(0, expirySeconds - waited);
        return publish.withProperties(publish.properties().with(Property.MESSAGE_EXPIRY_INTERVAL, left));
    }

    /** Its bytes as they are to be sent now, by this clock. */
    public EncodedPublish encoded(ProtocolVersion version, Loop clock) {
        if (version.hasProperties() && expirySeconds != NEVER) {
            long now = clock.now();
            if (secondsWaited(now) > 0) {
                return EncodedPublish.of(publishAt(now), ProtocolVersion.V5);
            }
        }
        return asItCame(version);
    }

    private EncodedPublish asItCame(ProtocolVersion version) {
        if (!version.hasProperties()) {
            EncodedPublish known = older;
            if (known == null) {
                known = EncodedPublish.of(publish, ProtocolVersion.V3_1_1);
                older = known;
            }
            return known;
        }
        EncodedPublish known = current;
        if (known == null) {
            known = EncodedPublish.of(publish, ProtocolVersion.V5);
            current = known;
        }
        return known;
    }

    /** The bytes of its packet for a receiver of that version. */
    int sizeOf(ProtocolVersion version, QoS qos, int[] identifiers) {
        return asItCame(version).sizeOf(qos, identifiers);
    }

    /** No packet of it is larger than that. */
    long largestSize(int[] identifiers) {
        return MOST_OVERHEAD
                + publish.topic().encodedLength()
                + publish.properties().encodedLength()
                + publish.payloadLength()
                + (long) LARGEST_IDENTIFIER * identifiers.length;
    }

    private long secondsWaited(long now) {
        return (now - arrived) / NANOS;
    }
}
