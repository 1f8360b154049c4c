package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Capabilities;
import io.mqttx.broker.limits.PayloadFormat;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.Terms;
import java.util.Optional;

/**
 * What a broker offers to the client that sent one CONNECT: whether it can take that at all, and the properties of
 * CONNACK. Before version 5 these are not sent, and what they restrict holds nevertheless.
 */
final class Welcome {
    private static final int NO_CEILING = 0xFFFF; // the longest keep alive there is

    private final BrokerOptions options;
    private final Connect connect;

    Welcome(BrokerOptions options, Connect connect) {
        this.options = options;
        this.connect = connect;
    }

    /** What keeps this CONNECT out, whoever it is. */
    Optional<ReasonCode> refusal() {
        Capabilities offered = options.capabilities();
        if (!offered.versions().contains(connect.version())) {
            return Optional.of(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION); // [MQTT-3.1.2-2]
        }
        if (connect.will().qos().compareTo(offered.maximumQoS()) > 0) {
            return Optional.of(ReasonCode.QOS_NOT_SUPPORTED); // [MQTT-3.2.2-12]
        }
        if (connect.will().retain() && !offered.retain()) {
            return Optional.of(ReasonCode.RETAIN_NOT_SUPPORTED); // [MQTT-3.2.2-13]
        }
        boolean kept = !options.checkPayloadFormat()
                || PayloadFormat.isKept(
                        connect.will().properties(), connect.will().payload());
        return kept ? Optional.empty() : Optional.of(ReasonCode.PAYLOAD_FORMAT_INVALID); // P5-31
    }

    /**
     * The properties of CONNACK.
     *
     * @param ofAuthentication what its end wants said
     * @param given            what the application gave along when it accepted
     */
    Properties properties(String clientId, Properties ofAuthentication, Properties given) {
        Properties.Builder properties = Properties.builder();
        if (connect.version().hasProperties()) {
            properties
                    .add(Property.RECEIVE_MAXIMUM, options.receiveMaximum())
                    .add(Property.MAXIMUM_PACKET_SIZE, (long) options.maxPacketSize())
                    .add(Property.TOPIC_ALIAS_MAXIMUM, options.topicAliasMaximum());
            addKeepAlive(properties, given);
        } else if (connect.keepAlive() == 0 && options.idleKeepAlive() > 0) {
            properties.add(Property.SERVER_KEEP_ALIVE, options.idleKeepAlive()); // holds, though it cannot be told
        }
        if (connect.clientId().isEmpty()) {
            properties.add(Property.ASSIGNED_CLIENT_IDENTIFIER, clientId); // [MQTT-3.2.2-16]
        }
        long asked = Terms.askedExpiry(connect);
        long expiry = expiry(asked, given);
        if (expiry != asked) {
            properties.add(Property.SESSION_EXPIRY_INTERVAL, expiry);
        }
        addRestrictions(properties);
        addSaid(properties, ofAuthentication, given);
        return properties.build();
    }

    private long expiry(long asked, Properties given) {
        boolean mayOutlive = connect.version().hasProperties() || !connect.cleanStart();
        long wanted = mayOutlive ? given.number(Property.SESSION_EXPIRY_INTERVAL, asked) : asked;
        return Math.min(wanted, options.maxSessionExpiry().toSeconds());
    }

    private void addKeepAlive(Properties.Builder properties, Properties given) {
        int asked = connect.keepAlive();
        int wanted = asked == 0 ? options.idleKeepAlive() : asked;
        int ceiling = (int) options.maxKeepAlive().toSeconds();
        if (ceiling < NO_CEILING && (wanted == 0 || wanted > ceiling)) {
            wanted = ceiling;
        }
        wanted = (int) given.number(Property.SERVER_KEEP_ALIVE, wanted);
        if (wanted != asked) {
            properties.add(Property.SERVER_KEEP_ALIVE, wanted); // [MQTT-3.2.2-21]
        }
    }

    /** Each is said where it is missing, and not where it is there. */
    private void addRestrictions(Properties.Builder properties) {
        Capabilities offered = options.capabilities();
        if (offered.maximumQoS() != QoS.EXACTLY_ONCE) {
            properties.add(Property.MAXIMUM_QOS, offered.maximumQoS().code()); // [MQTT-3.2.2-9]
        }
        if (!offered.retain()) {
            properties.add(Property.RETAIN_AVAILABLE, false);
        }
        if (!offered.wildcardSubscriptions()) {
            properties.add(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, false);
        }
        if (!offered.subscriptionIdentifiers()) {
            properties.add(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, false);
        }
        if (!offered.sharedSubscriptions()) {
            properties.add(Property.SHARED_SUBSCRIPTION_AVAILABLE, false);
        }
    }

    private void addSaid(Properties.Builder properties, Properties ofAuthentication, Properties given) {
        if (connect.properties().flag(Property.REQUEST_RESPONSE_INFORMATION, false)) { // [MQTT-3.1.2-28]
            given.find(Property.RESPONSE_INFORMATION)
                    .ifPresent(text -> properties.add(Property.RESPONSE_INFORMATION, text));
        }
        if (connect.properties().has(Property.AUTHENTICATION_METHOD)) {
            given.find(Property.AUTHENTICATION_DATA)
                    .or(() -> ofAuthentication.find(Property.AUTHENTICATION_DATA))
                    .ifPresent(data -> properties.add(Property.AUTHENTICATION_DATA, data));
        }
        given.find(Property.REASON_STRING)
                .or(() -> ofAuthentication.find(Property.REASON_STRING))
                .ifPresent(text -> properties.add(Property.REASON_STRING, text));
        ofAuthentication.userProperties().forEach(each -> properties.add(Property.USER_PROPERTY, each));
        given.userProperties().forEach(each -> properties.add(Property.USER_PROPERTY, each));
    }
}
