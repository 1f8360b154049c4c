package io.mqttx.codec;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Optional;

/** CONNECT on the wire (§3.1). The decoder has read protocol name and version before it comes here. */
final class ConnectCodec {
    private static final int USER_NAME = 0x80;
    private static final int PASSWORD = 0x40;
    private static final int WILL_RETAIN = 0x20;
    private static final int WILL_QOS = 0x18;
    private static final int WILL = 0x04;
    private static final int CLEAN_START = 0x02;
    private static final int RESERVED = 0x01;
    private static final byte[] MQISDP = {0, 6, 'M', 'Q', 'I', 's', 'd', 'p'};
    private static final byte[] MQTT = {0, 4, 'M', 'Q', 'T', 'T'};
    private static final byte[] MQTT_311 = {0, 4, 'M', 'Q', 'T', 'T', 4};
    private static final byte[] MQTT_5 = {0, 4, 'M', 'Q', 'T', 'T', 5};
    private static final Optional<ProtocolVersion> VERSION_311 = Optional.of(ProtocolVersion.V3_1_1);
    private static final Optional<ProtocolVersion> VERSION_5 = Optional.of(ProtocolVersion.V5);
    private static final int LONGEST_ID_IN_31 = 23; // characters

    private ConnectCodec() {}

    static Connect read(Reader in, ProtocolVersion version, boolean longClientIdsIn31) {
        int flags = in.u8("connect flags");
        checkFlags(flags, version);
        int keepAlive = in.u16("keep alive");
        Properties properties = in.properties(version);
        String clientId = in.text("client identifier");
        if (!longClientIdsIn31) {
            checkLengthIn31(clientId, version);
        }
        Will will = (flags & WILL) == 0 ? Will.NONE : readWill(in, flags, version);
        Credentials credentials = readCredentials(in, flags, version);
        return new Connect(version, clientId, (flags & CLEAN_START) != 0, keepAlive, credentials, will, properties);
    }

    /** The version named at the beginning, if it is one that is spoken today; nothing is read then if it is not. */
    static Optional<ProtocolVersion> readUsualVersion(Reader in) {
        if (in.skip(MQTT_311)) {
            return VERSION_311;
        }
        return in.skip(MQTT_5) ? VERSION_5 : Optional.empty();
    }

    static long length(Connect connect) {
        ProtocolVersion version = connect.version();
        checkLengthIn31(connect.clientId(), version);
        long length = (version == ProtocolVersion.V3_1 ? MQISDP : MQTT).length
                + 4L
                + Writer.propertiesLength(connect.properties(), version)
                + Writer.textLength(connect.clientId());
        Will will = connect.will();
        if (will.isPresent()) {
            length += Writer.propertiesLength(will.properties(), version)
                    + 2L
                    + will.topic().encodedLength()
                    + 2L
                    + will.payloadLength();
        }
        Credentials credentials = connect.credentials();
        if (credentials.hasUserName()) {
            length += Writer.textLength(credentials.userName().orElseThrow());
        }
        return credentials.hasPassword() ? length + 2 + credentials.passwordLength() : length;
    }

    static void write(Connect connect, ByteBuffer out) {
        ProtocolVersion version = connect.version();
        out.put(version == ProtocolVersion.V3_1 ? MQISDP : MQTT);
        out.put((byte) version.level());
        out.put((byte) flags(connect));
        out.putShort((short) connect.keepAlive());
        Writer.properties(out, connect.properties(), version);
        Writer.text(out, connect.clientId());
        Will will = connect.will();
        if (will.isPresent()) {
            Writer.properties(out, will.properties(), version);
            out.putShort((short) will.topic().encodedLength());
            will.topic().encodeTo(out);
            out.putShort((short) will.payloadLength());
            will.encodePayloadTo(out);
        }
        Credentials credentials = connect.credentials();
        if (credentials.hasUserName()) {
            Writer.text(out, credentials.userName().orElseThrow());
        }
        if (credentials.hasPassword()) {
            out.putShort((short) credentials.passwordLength());
            credentials.encodePasswordTo(out);
        }
    }

    private static int flags(Connect connect) {
        Will will = connect.will();
        return (connect.credentials().hasUserName() ? USER_NAME : 0)
                | (connect.credentials().hasPassword() ? PASSWORD : 0)
                | (will.retain() ? WILL_RETAIN : 0)
                | will.qos().code() << 3
                | (will.isPresent() ? WILL : 0)
                | (connect.cleanStart() ? CLEAN_START : 0);
    }

    private static void checkFlags(int flags, ProtocolVersion version) {
        if ((flags & RESERVED) != 0) {
            throw ProtocolException.malformed("reserved bit of the connect flags is set [MQTT-3.1.2-3]");
        }
        if ((flags & WILL) == 0 && (flags & WILL_QOS) != 0) {
            throw ProtocolException.malformed("will QoS without a will [MQTT-3.1.2-11]");
        }
        if ((flags & WILL) == 0 && (flags & WILL_RETAIN) != 0) {
            throw ProtocolException.malformed("will retain without a will [MQTT-3.1.2-13]");
        }
        if ((flags & WILL_QOS) == WILL_QOS) {
            throw ProtocolException.malformed("will QoS is 3 [MQTT-3.1.2-12]");
        }
        if (!version.hasProperties() && (flags & PASSWORD) != 0 && (flags & USER_NAME) == 0) {
            throw ProtocolException.malformed("password without a user name [MQTT-3.1.2-22]");
        }
    }

    private static Will readWill(Reader in, int flags, ProtocolVersion version) {
        Properties properties = in.properties(version);
        TopicName topic = in.topicName();
        if (topic.isNone()) {
            throw new ProtocolException(ReasonCode.TOPIC_NAME_INVALID, "will topic is empty [MQTT-4.7.3-1]");
        }
        ByteBuffer payload = in.binary("will payload");
        return new Will(topic, payload, QoS.of((flags & WILL_QOS) >> 3), (flags & WILL_RETAIN) != 0, properties);
    }

    private static Credentials readCredentials(Reader in, int flags, ProtocolVersion version) {
        // Section 3.1 of 3.1: the remaining length wins over the flags, so either may be missing at the end.
        boolean mayBeMissing = version == ProtocolVersion.V3_1;
        boolean hasName = (flags & USER_NAME) != 0 && !(mayBeMissing && !in.hasMore());
        String name = hasName ? in.text("user name") : "";
        boolean hasPassword = (flags & PASSWORD) != 0 && !(mayBeMissing && !in.hasMore());
        if (hasPassword) {
            ByteBuffer password = in.binaryInPlace("password");
            return hasName ? Credentials.of(name, password) : Credentials.ofPassword(password);
        }
        return hasName ? Credentials.of(name) : Credentials.NONE;
    }

    private static void checkLengthIn31(String clientId, ProtocolVersion version) {
        if (version == ProtocolVersion.V3_1 && clientId.codePointCount(0, clientId.length()) > LONGEST_ID_IN_31) {
            throw new ProtocolException(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "client identifier is over 23 characters (3.1, section 3.1)");
        }
    }
}
