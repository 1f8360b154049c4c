package io.mqttx.benchmarks;

import com.hivemq.client.internal.mqtt.codec.decoder.MqttDecoderContext;
import com.hivemq.client.internal.mqtt.codec.decoder.MqttDecoderException;
import com.hivemq.client.internal.mqtt.codec.decoder.MqttMessageDecoder;
import com.hivemq.client.internal.mqtt.codec.encoder.MqttEncoderContext;
import com.hivemq.client.internal.mqtt.codec.encoder.MqttMessageEncoder;
import com.hivemq.client.internal.mqtt.datatypes.MqttClientIdentifierImpl;
import com.hivemq.client.internal.mqtt.datatypes.MqttVariableByteInteger;
import com.hivemq.client.internal.mqtt.message.MqttMessage;
import com.hivemq.client.internal.mqtt.message.connect.MqttConnect;
import com.hivemq.client.internal.mqtt.message.publish.MqttWillPublish;
import com.hivemq.client.internal.mqtt.message.subscribe.MqttSubscribe;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.auth.Mqtt5SimpleAuth;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5ConnectBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5SubscribeBuilder;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Will;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The codec inside the HiveMQ client, reached by reflection: what it has of a client's two directions, with and
 * without the handlers around it.
 */
final class HiveMq {
    private static final String CODEC = "com.hivemq.client.internal.mqtt.codec.";
    private static final MethodHandle ENCODE = encodeMethod();

    private HiveMq() {}

    /** Its decoder of this kind of packet, if a client gets such packets. */
    static Optional<MqttMessageDecoder> decoder(Packet packet, ProtocolVersion version) {
        String name = switch (packet.type()) {
            case CONNACK -> "ConnAck";
            case PUBLISH -> "Publish";
            case PUBACK -> "PubAck";
            case SUBACK -> "SubAck";
            default -> "";
        };
        return name.isEmpty()
                ? Optional.empty()
                : Optional.of((MqttMessageDecoder) make(CODEC + "decoder." + inPackage(name, version) + "Decoder"));
    }

    /** The decoder of its pipeline, which collects what is cut and finds the decoder of each packet. */
    static ChannelInboundHandlerAdapter pipelineDecoder(ProtocolVersion version) {
        boolean five = version.hasProperties();
        List<String> names = new ArrayList<>(
                List.of("ConnAck", "Publish", "PubAck", "PubRec", "PubRel", "PubComp", "SubAck", "UnsubAck"));
        Object[] decoders = new Object[five ? 11 : 9];
        for (int i = 0; i < names.size(); i++) {
            decoders[i] = make(CODEC + "decoder." + inPackage(names.get(i), version) + "Decoder");
        }
        decoders[8] = make(CODEC + "decoder.MqttPingRespDecoder");
        if (five) {
            decoders[9] = make(CODEC + "decoder." + inPackage("Disconnect", version) + "Decoder");
            decoders[10] = make(CODEC + "decoder." + inPackage("Auth", version) + "Decoder");
        }
        Object all = make(CODEC + "decoder." + inPackage("ClientMessageDecoders", version), decoders);
        Object config = MqttClient.builder().useMqttVersion5().build().getConfig();
        return (ChannelInboundHandlerAdapter) make(
                CODEC + "decoder.MqttDecoder",
                all,
                config,
                Mqtt5Connect.builder().build());
    }

    static MqttDecoderContext decoderContext() {
        return (MqttDecoderContext)
                make(MqttDecoderContext.class.getName(), 268_435_460, 0, true, true, false, false, false, false);
    }

    /** As its {@code MqttDecoder} does: header first, then the body between two indices. */
    static MqttMessage decode(ByteBuf in, MqttMessageDecoder decoder, MqttDecoderContext context) {
        int first = in.readUnsignedByte();
        int remaining = MqttVariableByteInteger.decode(in);
        int end = in.readerIndex() + remaining;
        int writerIndex = in.writerIndex();
        if (remaining < 0 || end > writerIndex || end > context.getMaximumPacketSize()) {
            throw new IllegalStateException("not a whole packet");
        }
        in.writerIndex(end);
        try {
            MqttMessage message = decoder.decode(first & 0xF, in, context);
            in.writerIndex(writerIndex);
            return message;
        } catch (MqttDecoderException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Its encoder of this kind of packet, if a client sends such packets. */
    @SuppressWarnings("rawtypes")
    static Optional<MqttMessageEncoder> encoder(Packet packet, ProtocolVersion version) {
        String name = switch (packet.type()) {
            case CONNECT -> "Connect";
            case PUBLISH -> "Publish";
            case PUBACK -> "PubAck";
            case SUBSCRIBE -> "Subscribe";
            default -> "";
        };
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String type = CODEC + "encoder." + inPackage(name, version) + "Encoder";
        boolean connect5 = name.equals("Connect") && version.hasProperties();
        Object encoder = connect5 ? make(type, make(CODEC + "encoder.mqtt5.Mqtt5PublishEncoder")) : make(type);
        return Optional.of((MqttMessageEncoder) encoder);
    }

    static MqttEncoderContext encoderContext(ByteBufAllocator allocator) {
        MqttEncoderContext context = (MqttEncoderContext) make(MqttEncoderContext.class.getName(), allocator);
        return context;
    }

    @SuppressWarnings("rawtypes")
    static ByteBuf encode(MqttMessage message, MqttMessageEncoder encoder, MqttEncoderContext context) {
        try {
            return (ByteBuf) ENCODE.invokeExact(encoder, message, context);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same packet as a message of HiveMQ's. */
    static MqttMessage message(Packet packet, ProtocolVersion version, byte[] bytes) {
        if (packet instanceof Connect connect) {
            return connect(connect);
        }
        if (packet instanceof Subscribe subscribe) {
            Mqtt5SubscribeBuilder builder = Mqtt5Subscribe.builder();
            Mqtt5SubscribeBuilder.Complete complete = null;
            for (Subscription subscription : subscribe.subscriptions()) {
                Mqtt5Subscription one = Mqtt5Subscription.builder()
                        .topicFilter(subscription.filter().text())
                        .qos(MqttQos.fromCode(subscription.maximumQoS().code()))
                        .build();
                complete = complete == null ? builder.addSubscription(one) : complete.addSubscription(one);
            }
            return ((MqttSubscribe) complete.build()).createStateful(subscribe.packetId(), -1);
        }
        ByteBuf in = Unpooled.wrappedBuffer(bytes);
        return decode(in, decoder(packet, version).orElseThrow(), decoderContext());
    }

    private static MqttMessage connect(Connect connect) {
        byte[] password =
                new byte[connect.credentials().password().orElseThrow().remaining()];
        connect.credentials().password().orElseThrow().get(password);
        Mqtt5SimpleAuth auth = Mqtt5SimpleAuth.builder()
                .username(connect.credentials().userName().orElseThrow())
                .password(password)
                .build();
        Mqtt5ConnectBuilder builder = Mqtt5Connect.builder()
                .cleanStart(connect.cleanStart())
                .keepAlive(connect.keepAlive())
                .simpleAuth(auth);
        Optional<Long> expiry = connect.properties().find(Property.SESSION_EXPIRY_INTERVAL);
        if (expiry.isPresent()) {
            builder = builder.sessionExpiryInterval(expiry.get())
                    .restrictions()
                    .receiveMaximum(100)
                    .applyRestrictions();
        }
        Will will = connect.will();
        if (will.isPresent()) {
            ByteBuffer payload = will.payload();
            builder = builder.willPublish((MqttWillPublish) Mqtt5Publish.builder()
                    .topic(will.topic().text())
                    .payload(payload)
                    .qos(MqttQos.fromCode(will.qos().code()))
                    .retain(will.retain())
                    .build()
                    .asWill());
        }
        return ((MqttConnect) builder.build()).createStateful(MqttClientIdentifierImpl.of(connect.clientId()), null);
    }

    private static String inPackage(String name, ProtocolVersion version) {
        String number = version.hasProperties() ? "5" : "3";
        return "mqtt" + number + ".Mqtt" + number + name;
    }

    private static Object make(String type, Object... arguments) {
        try {
            for (Constructor<?> constructor : Class.forName(type).getDeclaredConstructors()) {
                if (constructor.getParameterCount() == arguments.length) {
                    constructor.setAccessible(true);
                    return constructor.newInstance(arguments);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another version of the HiveMQ client?", e);
        }
        throw new IllegalStateException("another version of the HiveMQ client? " + type);
    }

    private static MethodHandle encodeMethod() {
        try {
            MethodType type = MethodType.methodType(ByteBuf.class, MqttMessage.class, MqttEncoderContext.class);
            return MethodHandles.privateLookupIn(MqttMessageEncoder.class, MethodHandles.lookup())
                    .findVirtual(MqttMessageEncoder.class, "castAndEncode", type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another version of the HiveMQ client?", e);
        }
    }
}
