package io.mqttx.broker.connection;

import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.limits.Door;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.session.Delivery;
import io.mqttx.broker.session.Outlet;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Auth;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.Limits;
import io.mqttx.protocol.ServerConnection;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.KeepAlive;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * One connection: bytes in, packets to the state machine, and whatever that wants done. On the link's loop.
 *
 * <p>While something is decided elsewhere (by a handler that answers later, or by a move to another loop) nothing of
 * this client is read: see {@link #await}.
 */
final class Client implements Link.Receiver, Outlet, Vigil.Watched {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private final Link link;
    private final Services services;
    private final Door door;
    private final Door.Entry entry;
    private final PacketDecoder decoder;
    private final Intake intake;
    private final Output output;
    private final ServerConnection<Delivery> connection;

    private Optional<Handshake> handshake; // until CONNACK
    private String name = ""; // known with CONNECT
    private Optional<Throttle> throttle = Optional.empty(); // where there are rates to hold it to
    private Optional<Established> established = Optional.empty(); // known with CONNACK
    private volatile Connection live; // null until CONNACK; for any thread
    private Optional<Gate> gate = Optional.empty(); // where anything is kept, once the client is home
    private Loop.Timer deadline = Loop.Timer.NONE;
    private Cause cause = Cause.PROTOCOL_ERROR; // of the end, unless somebody knows better
    private boolean over;

    Client(Link link, Services services, DecoderOptions decoding, Door door, Door.Entry entry) {
        this.link = link;
        this.services = services;
        this.door = door;
        this.entry = entry;
        this.decoder = PacketDecoder.forServer(decoding);
        this.intake = new Intake(link, this);
        this.output = new Output(link, decoder, services.events());
        this.connection = new ServerConnection<>(
                link.loop().now(), services.options().connectTimeout().toNanos());
        this.handshake = Optional.of(new Handshake(this, services));
        services.events().opened();
        watch();
    }

    Link link() {
        return link;
    }

    /** How it came in: its CONNECT may have to be refused. */
    Door.Entry entry() {
        return entry;
    }

    ServerConnection<Delivery> connection() {
        return connection;
    }

    boolean isOver() {
        return over;
    }

    /** It is on the loop of its session now, which is kept perhaps. */
    void isHome(Loop loop) {
        if (services.journals().keeps()) {
            gate = Optional.of(new Gate(this, services.journals().of(loop)));
        }
    }

    /** Its CONNECT has come, and says who it is. */
    void introduced(String clientId) {
        name = clientId;
    }

    /** The CONNECT was accepted: packets go there from now on. */
    void established(Established next) {
        established = Optional.of(next);
        handshake = Optional.empty(); // with all that was needed to come in
    }

    /** CONNACK was sent: silence is measured from now on. */
    void opened() {
        live = established.orElseThrow().connection();
        throttle = Throttle.of(this, services);
        watch();
    }

    /** Looks at the clock again when the state machine wants that. */
    void watch() {
        deadline.cancel();
        long nanos = connection.nextDeadline(intake.clock());
        if (nanos == KeepAlive.NEVER) {
            deadline = Loop.Timer.NONE;
        } else if (established.isPresent()) {
            deadline = established.get().vigil().lookAt(this, nanos);
        } else {
            deadline = link.loop().schedule(this::timePassed, Math.max(0, nanos));
        }
    }

    // ---- from the link

    @Override
    public void received(ByteBuffer bytes) {
        services.events().received(bytes.remaining());
        intake.received(bytes);
    }

    @Override
    public void drained() {
        established.ifPresent(online -> online.session().drain());
    }

    @Override
    public void closed(String detail) {
        if (intake.isToBeReadFirst(detail)) {
            return;
        }
        if (!over) {
            connection.closed();
            over(
                    Cause.CONNECTION_LOST,
                    ReasonCode.UNSPECIFIED_ERROR,
                    detail.isEmpty() ? "closed by the client" : detail);
        }
        left();
    }

    /**
     * Reads nothing of this client until {@code stage} has completed, then calls {@code next} with its outcome on the
     * link's loop, and reads on. One at a time.
     */
    <T> void await(CompletionStage<T> stage, BiConsumer<T, Throwable> next) {
        intake.await(stage, next);
    }

    /** Goes over to another loop, where {@code arrived} is called; reads nothing meanwhile. */
    void move(Loop to, Runnable arrived) {
        deadline.cancel(); // it would look at the client from the old loop
        intake.stop();
        intake.goOnAfter(link.moveTo(to), (nothing, error) -> arrived.run());
    }

    /** Reads nothing for this long; only while the connection is open. */
    void rest(long nanos) {
        CompletableFuture<Void> rested = new CompletableFuture<>();
        await(rested, (nothing, error) -> {});
        deadline.cancel(); // nobody is silent whom we do not hear; goOn watches again
        deadline = link.loop().schedule(() -> rested.complete(null), nanos);
    }

    /** Reads packets until there is no whole one left, or something has to be awaited. */
    void read(ByteBuffer bytes) {
        guarded(() -> {
            long now = intake.clock(); // of all that one read brought
            while (!intake.isAwaiting() && !over && !rests() && !isFarBehind() && next(bytes)) {
                services.events().received(decoder.packet().type());
                if (throttle.isEmpty() || throttle.get().admits(decoder.packet(), decoder.packetSize())) {
                    connection.received(decoder.packet(), now, this);
                }
            }
        });
    }

    private boolean rests() {
        return throttle.isPresent() && throttle.get().rests();
    }

    /** Whether so many answers wait for the storage that the client has to wait as well. */
    private boolean isFarBehind() {
        if (gate.isEmpty() || !gate.get().isFull()) {
            return false;
        }
        await(gate.get().emptied(), (nothing, error) -> {});
        return true;
    }

    /** Whether a packet is there. Bytes that are none are the client's fault, and nothing else is. */
    private boolean next(ByteBuffer bytes) {
        try {
            return decoder.next(bytes);
        } catch (ProtocolException e) {
            connection.malformed(e, this);
            return false;
        }
    }

    @Override
    public void timePassed() {
        if (over || intake.isAwaiting() && connection.isOpen()) {
            return; // the await watches again
        }
        long now = intake.clock();
        guarded(() -> connection.expire(now, this));
        if (!over) {
            watch();
        }
    }

    /** Whatever goes wrong with one client stays with that client. */
    void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "client " + Quoted.of(name()) + " is disconnected after an error of the broker", e);
            giveUp();
        }
    }

    private void giveUp() {
        try {
            disconnect(Cause.BY_SERVER, ReasonCode.UNSPECIFIED_ERROR, Properties.EMPTY);
        } catch (RuntimeException e) { // it may have been the writing that went wrong
            LOG.log(Level.ERROR, "client " + Quoted.of(name()) + " is closed without a word", e);
            connection.closed();
            close(ReasonCode.UNSPECIFIED_ERROR, "error of the broker");
        }
    }

    // ---- from the state machine

    @Override
    public void send(Packet packet) {
        if (isGone()) {
            return; // such as the late answer to a message whose connection is gone
        }
        if (gate.isEmpty() || !gate.get().holds(packet)) {
            write(packet);
        }
    }

    /** Writes what may be said now. */
    void write(Packet packet) {
        boolean isSent = output.send(packet);
        if (!connection.isOpen() || packet.type() == PacketType.DISCONNECT) {
            return; // that was the last word
        }
        if (!isSent) {
            disconnect(Cause.BY_SERVER, ReasonCode.PACKET_TOO_LARGE, Properties.EMPTY); // it waits for what cannot come
        } else if (link.unsent() > 2L * services.options().maxUnsent() + output.largestMessage()) {
            // Messages stop long before that: these are answers to a client that sends and does not read.
            disconnect(Cause.BY_SERVER, ReasonCode.QUOTA_EXCEEDED, Properties.EMPTY);
        }
    }

    @Override
    public void sendMessage(Delivery delivery, QoS qos, int packetId, boolean dup) {
        if (isGone()) {
            return; // at QoS 1 and 2 it is in flight, and sent again when the client is back
        }
        boolean twice = qos == QoS.EXACTLY_ONCE;
        if (gate.isEmpty()
                || !gate.get()
                        .holds(
                                twice,
                                delivery.message().publish().payloadLength(),
                                () -> writeHeld(delivery, qos, packetId, dup))) {
            write(delivery, qos, packetId, dup);
        }
    }

    private void write(Delivery delivery, QoS qos, int packetId, boolean dup) {
        Publish publish = delivery.message().publish();
        if (output.send(delivery, connection.aliases(), qos, packetId, dup)) {
            services.events().delivered(name(), publish);
            return;
        }
        established.ifPresent(online -> {
            online.session().tooLarge(delivery);
            online.session().flows().outbound().abandon(packetId, dup, this); // [MQTT-3.1.2-25]
        });
    }

    /** Writes a message that waited for the storage, unless it has expired meanwhile [MQTT-3.3.2-5]. */
    private void writeHeld(Delivery delivery, QoS qos, int packetId, boolean dup) {
        if (dup || !delivery.message().isExpired(link.loop())) {
            write(delivery, qos, packetId, dup);
            return;
        }
        established.ifPresent(online -> {
            online.session().expired(delivery);
            online.session().flows().outbound().abandon(packetId, false, this);
        });
    }

    @Override
    public void answered(Delivery delivery, ReasonCode reason) {
        established.ifPresent(online -> online.delivered(delivery.message().publish(), reason));
    }

    @Override
    public void deliver(Publish message) {
        if (throttle.isPresent() && throttle.get().isRefusing()) {
            established.orElseThrow().refused(message, ReasonCode.QUOTA_EXCEEDED);
        } else {
            established.orElseThrow().published(message);
        }
    }

    @Override
    public void handle(Packet packet) {
        if (packet.type() == PacketType.DISCONNECT) {
            cause = Cause.BY_CLIENT;
        }
        if (established.isPresent()) {
            established.get().handle(packet);
        } else if (packet.type() == PacketType.CONNECT) {
            Connect connect = (Connect) packet;
            output.limit(connect.properties().number(Property.MAXIMUM_PACKET_SIZE, Limits.LARGEST_PACKET));
            handshake.orElseThrow().begin(connect);
        } else if (packet.type() == PacketType.AUTH) {
            handshake.orElseThrow().handle((Auth) packet);
        }
    }

    @Override
    public void persist(FlowChange<Delivery> change) {
        established.orElseThrow().session().changed(change);
        boolean isPromise = !(change instanceof FlowChange.Completed)
                && !(change instanceof FlowChange.Published<Delivery> sent && sent.qos() == QoS.AT_LEAST_ONCE);
        if (isPromise) {
            gate.ifPresent(Gate::promise);
        }
    }

    @Override
    public boolean persists() {
        return established.isPresent() && established.get().session().key() != 0;
    }

    @Override
    public void complete(int packetId, ReasonCode reason) {
        established.ifPresent(online -> online.session().drain());
    }

    @Override
    public void close(ReasonCode reason, String detail) {
        try {
            over(reason == ReasonCode.KEEP_ALIVE_TIMEOUT ? Cause.KEEP_ALIVE_TIMEOUT : cause, reason, detail);
        } finally {
            if (intake.end()) {
                left();
            } else {
                link.close();
            }
        }
    }

    // ---- from the session and the application

    @Override
    public boolean isCongested() {
        long held = gate.isPresent() ? gate.get().bytes() : 0;
        return link.unsent() + held > services.options().maxUnsent()
                || gate.isPresent() && gate.get().isFull();
    }

    @Override
    public boolean takesMore() {
        return !isCongested();
    }

    @Override
    public long maximumPacketSize() {
        return connection.terms().clientTakes().maximumPacketSize();
    }

    @Override
    public ProtocolVersion version() {
        return connection.terms().version();
    }

    @Override
    public long entries() {
        return gate.isPresent() ? gate.get().entries() : 0;
    }

    @Override
    public void promiseSince(long entries) {
        if (gate.isPresent()) {
            gate.get().promiseSince(entries);
        }
    }

    @Override
    public Optional<Connection> forApplication() {
        return Optional.ofNullable(live);
    }

    @Override
    public void sessionEnded() {
        disconnect(Cause.BY_SERVER, ReasonCode.ADMINISTRATIVE_ACTION, Properties.EMPTY);
    }

    @Override
    public void cannotBeTold() {
        disconnect(Cause.BY_SERVER, ReasonCode.QUOTA_EXCEEDED, Properties.EMPTY);
    }

    @Override
    public void takenOver() {
        disconnect(Cause.TAKEN_OVER, ReasonCode.SESSION_TAKEN_OVER, Properties.EMPTY);
    }

    /** Ends the connection from this side. */
    void disconnect(Cause why, ReasonCode reason, Properties properties) {
        if (!over) {
            cause = why;
            connection.disconnect(reason, properties, this);
        }
    }

    private void over(Cause why, ReasonCode code, String detail) {
        if (over) {
            return;
        }
        over = true;
        deadline.cancel();
        gate.ifPresent(Gate::clear);
        DisconnectReason reason = new DisconnectReason(why, code, detail);
        Level level = why == Cause.PROTOCOL_ERROR ? Level.INFO : Level.DEBUG;
        LOG.log(
                level,
                () -> "client " + Quoted.of(name()) + " from " + link.remoteAddress() + " is gone: " + why + ", " + code
                        + ", " + Quoted.of(detail));
        if (established.isPresent()) {
            established.get().ended(reason);
        } else {
            handshake.orElseThrow().ended(reason);
        }
    }

    /** The link is gone. */
    private void left() {
        door.leave(entry);
        services.events().closed();
    }

    /** Whether nothing that is written reaches the client any more. */
    boolean isGone() {
        return over || intake.isClosedBehind();
    }

    /** Who it is; empty before CONNECT. */
    String name() {
        return name;
    }
}
