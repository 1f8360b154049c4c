package io.mqttx.server;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Capabilities;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** What of MQTT {@code mqttx broker} offers, and how. The defaults are those of {@link BrokerOptions}. */
final class FeatureOptions {
    private static final Option VERSIONS =
            Words.option("versions", "LIST", "Versions of MQTT that are spoken. Default: 3.1,3.1.1,5");
    private static final Option MAX_QOS = Words.option("max-qos", "QOS", "The highest QoS, 0 to 2. Default: 2");
    private static final Option NO_RETAIN = Words.flag("no-retain", "No retained messages");
    private static final Option NO_WILDCARDS = Words.flag("no-wildcards", "No wildcards in subscriptions");
    private static final Option NO_SHARED = Words.flag("no-shared", "No shared subscriptions");
    private static final Option NO_IDENTIFIERS = Words.flag("no-identifiers", "No subscription identifiers");
    private static final Option CHECK_PAYLOADS =
            Words.flag("check-payloads", "Refuse a payload that says to be UTF-8 and is not");
    private static final Option COPY_EACH = Words.flag(
            "copy-each", "A copy for each of several subscriptions of a client that match. Default: one for all");
    private static final Option SHARED_STRATEGY = Words.option(
            "shared-strategy",
            "STRATEGY",
            "Which member of a shared subscription gets a message: round-robin, random, sticky, least-in-flight,"
                    + " publisher-hash or topic-hash. Default: round-robin");
    private static final Option PASS_ON = Words.flag(
            "pass-on",
            "What a member has not acknowledged when its connection is lost goes to another at once, which may get it"
                    + " twice. Default: it waits for its client while the session lasts");
    private static final Option SYS_INTERVAL =
            Words.option("sys-interval", "TIME", "How often $SYS topics are published, 0 for never. Default: 10s");

    static final List<Option> ALL = List.of(
            VERSIONS,
            MAX_QOS,
            NO_RETAIN,
            NO_WILDCARDS,
            NO_SHARED,
            NO_IDENTIFIERS,
            CHECK_PAYLOADS,
            COPY_EACH,
            SHARED_STRATEGY,
            PASS_ON,
            SYS_INTERVAL);

    private final Words words;

    FeatureOptions(Words words) {
        this.words = words;
    }

    /**
     * Sets what was said.
     *
     * @throws IllegalArgumentException with a sentence that names the option
     */
    void apply(BrokerOptions.Builder builder) {
        builder.capabilities(capabilities())
                .subscriptions(subscriptions(builder.build().subscriptions()))
                .checkPayloadFormat(words.has(CHECK_PAYLOADS));
        words.value(SYS_INTERVAL, Quantities::duration).ifPresent(builder::sysInterval);
    }

    private Capabilities capabilities() {
        Capabilities offered = Capabilities.all();
        offered = words.value(VERSIONS, FeatureOptions::versions)
                .map(offered::withVersions)
                .orElse(offered);
        offered = words.value(MAX_QOS, FeatureOptions::qos)
                .map(offered::withMaximumQoS)
                .orElse(offered);
        offered = words.has(NO_RETAIN) ? offered.withoutRetain() : offered;
        offered = words.has(NO_WILDCARDS) ? offered.withoutWildcardSubscriptions() : offered;
        offered = words.has(NO_SHARED) ? offered.withoutSharedSubscriptions() : offered;
        return words.has(NO_IDENTIFIERS) ? offered.withoutSubscriptionIdentifiers() : offered;
    }

    private SubscriptionOptions subscriptions(SubscriptionOptions usual) {
        SubscriptionOptions wanted = words.value(
                        SHARED_STRATEGY, text -> Quantities.constant(SharedStrategy.class, text))
                .map(usual::withSharedStrategy)
                .orElse(usual);
        return wanted.withOverlapping(words.has(COPY_EACH) ? Overlapping.COPY_EACH : Overlapping.ONE_COPY)
                .withPassOnWhenLost(words.has(PASS_ON));
    }

    private static QoS qos(String text) {
        return switch (text) {
            case "0" -> QoS.AT_MOST_ONCE;
            case "1" -> QoS.AT_LEAST_ONCE;
            case "2" -> QoS.EXACTLY_ONCE;
            default -> throw new IllegalArgumentException("'" + text + "' is none of 0, 1, 2");
        };
    }

    private static ProtocolVersion[] versions(String list) {
        return Stream.of(list.split(",", -1)).map(FeatureOptions::version).toArray(ProtocolVersion[]::new);
    }

    private static ProtocolVersion version(String text) {
        return switch (text) {
            case "3.1" -> ProtocolVersion.V3_1;
            case "3.1.1" -> ProtocolVersion.V3_1_1;
            case "5", "5.0" -> ProtocolVersion.V5;
            default -> throw new IllegalArgumentException("'" + text + "' is none of 3.1, 3.1.1, 5");
        };
    }
}
