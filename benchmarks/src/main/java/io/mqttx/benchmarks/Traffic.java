package io.mqttx.benchmarks;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Will;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What is encoded and decoded: each row makes packets that differ in topic, identifier, name and payload, so that
 * nobody's cache or branch predictor is shown one packet for ever.
 */
public enum Traffic {
    PUBLISH_311_QOS0_16(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return new Publish(topic(i), payload(i, 16));
        }
    },
    PUBLISH_311_QOS1_256(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return new Publish(QoS.AT_LEAST_ONCE, false, topic(i), 1 + i % 65_535, payload(i, 256));
        }
    },
    PUBLISH_5_QOS0_64(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            return new Publish(topic(i), payload(i, 64));
        }
    },
    PUBLISH_5_QOS1_256_USER2(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            Properties properties = Properties.builder()
                    .userProperty("trace", "4bf92f3577b34da6a3ce" + i)
                    .userProperty("region", "eu-" + i % 9)
                    .build();
            return new Publish(false, QoS.AT_LEAST_ONCE, false, topic(i), 1 + i % 65_535, properties, payload(i, 256));
        }
    },
    CONNECT_311(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return connect(i, version());
        }
    },
    CONNECT_5_WILL(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            Properties properties = Properties.builder()
                    .add(Property.SESSION_EXPIRY_INTERVAL, 3600L + i)
                    .add(Property.RECEIVE_MAXIMUM, 100)
                    .build();
            return connect(i, version())
                    .withWill(new Will(topic(i), payload(i, 8), QoS.AT_LEAST_ONCE, true, Properties.EMPTY))
                    .withProperties(properties);
        }
    },
    CONNACK_5(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            Properties properties = Properties.builder()
                    .add(Property.RECEIVE_MAXIMUM, 100)
                    .add(Property.MAXIMUM_PACKET_SIZE, 1L << 20)
                    .add(Property.TOPIC_ALIAS_MAXIMUM, 10)
                    .add(Property.ASSIGNED_CLIENT_IDENTIFIER, "auto-7c9e6679-" + i)
                    .build();
            return new ConnAck(false, ReasonCode.SUCCESS, properties);
        }
    },
    PUBACK_311(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return new PubAck(1 + i % 65_535);
        }
    },
    PUBACK_5(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            return i % 2 == 0
                    ? new PubAck(1 + i % 65_535)
                    : new PubAck(1 + i % 65_535, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        }
    },
    SUBSCRIBE_311(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return new Subscribe(1 + i % 65_535, List.of(subscription(i)));
        }
    },
    SUBSCRIBE_5_THREE(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            return new Subscribe(1 + i % 65_535, List.of(subscription(i), subscription(i + 1), subscription(i + 2)));
        }
    },
    SUBACK_311(ProtocolVersion.V3_1_1) {
        @Override
        Packet packet(int i) {
            return new SubAck(1 + i % 65_535, List.of(ReasonCode.GRANTED_QOS_1));
        }
    },
    SUBACK_5_THREE(ProtocolVersion.V5) {
        @Override
        Packet packet(int i) {
            List<ReasonCode> reasons =
                    List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_0, ReasonCode.NOT_AUTHORIZED);
            return new SubAck(1 + i % 65_535, reasons);
        }
    };

    private final ProtocolVersion version;

    Traffic(ProtocolVersion version) {
        this.version = version;
    }

    /** The version that its packets are spoken in. */
    public ProtocolVersion version() {
        return version;
    }

    /** The packet with this number; those that publish use 4,096 topics if all numbers are used. */
    abstract Packet packet(int i);

    private static TopicName topic(int i) {
        return TopicName.of("factory/line" + i / 64 % 64 + "/machine" + i % 64 + "/temperature");
    }

    private static ByteBuffer payload(int i, int length) {
        byte[] bytes = "{\"t\":21.5,\"n\":%d}".formatted(i).repeat(length).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private static Connect connect(int i, ProtocolVersion version) {
        ByteBuffer password = ByteBuffer.wrap(("secret-" + i).getBytes(StandardCharsets.UTF_8));
        return new Connect(version, "device-7c9e6679-" + i, true).withCredentials(Credentials.of("user" + i, password));
    }

    private static Subscription subscription(int i) {
        return new Subscription(TopicFilter.of("factory/line" + i + "/+/temperature"), QoS.AT_LEAST_ONCE);
    }
}
