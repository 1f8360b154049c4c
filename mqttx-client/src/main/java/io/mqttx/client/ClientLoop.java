package io.mqttx.client;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.client.link.Link;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.UnsubAck;
import io.mqttx.protocol.ClientConnection;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.KeepAlive;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One connection of a client, from the first try to its end: asks a {@link ClientConnection} what is to be done, under
 * the client's lock, and does it.
 *
 * <p>Who does what, so that nobody ever waits for himself:
 * <ul>
 *   <li>The {@link Reader} opens the link, reads, and tells the connection. Its thread calls the application and writes
 *       the answers, but another reads on when that takes long.
 *   <li>A <b>caller</b> of {@link Publisher} leaves its bytes to the thread that waits for the server if the line is
 *       still, writes them itself if it is quiet or nobody waits so, and leaves them to the {@link Writer} if it is busy or
 *       the caller is inside of a callback.
 *   <li>{@link Callbacks} run on the thread that has read what they tell, or on one of their own. When they do not keep
 *       up, the reader stops, which slows down the server, but not while somebody waits for an answer of the server.
 *   <li><b>Futures</b> are completed by the thread that has read the answer, on the same terms, or by threads that nobody
 *       else depends on.
 * </ul>
 */
final class ClientLoop implements ActionSink<Publish> {
    /** Nanoseconds for a last word to be read. */
    static final long LINGER = 1_000_000_000;

    private static final int FAR = 32; // messages

    private final ClientSession session;
    private final Lifeline life;
    private final Connect connect;
    private final boolean sessionKept;
    private final long startedAt;
    private final long patience;

    // The client's lock guards everything below, and what it is handed to. No code of the application runs under it.
    private final ReentrantLock lock;
    private final ClientConnection connection;
    private final Writer writer;
    private final Reader reader;
    private final AuthConversation auth;

    private boolean greeted; // CONNECT was given to the output
    private boolean accepted;
    private Optional<Future<?>> alarm = Optional.empty(); // may come too early: deadlines move away

    // How it ends:
    private Optional<DisconnectReason> over = Optional.empty();
    private Cause blame = Cause.PROTOCOL_ERROR; // if the connection closes now
    private Properties farewell = Properties.EMPTY; // of the packet with which the server ended it

    /**
     * A connection that has not begun.
     *
     * @param sessionKept whether CONNECT asks for a session that the client has
     */
    ClientLoop(ClientSession session, Lifeline life, Link link, Connect connect, boolean sessionKept) {
        this.session = session;
        this.life = life;
        this.auth = new AuthConversation(this, session);
        this.connect = auth.opening(connect);
        this.sessionKept = sessionKept;
        this.lock = session.lock();
        this.startedAt = session.machine().now();
        this.patience = session.options().connectTimeout().toNanos();
        this.connection = new ClientConnection(session.options().maxInflight(), patience);
        this.writer = new Writer(this, link, session, connect.version());
        this.reader = new Reader(this, link, session, writer, connect.version());
    }

    /** Begins to connect. Once. */
    void start() {
        lock.lock();
        try {
            setAlarm(patience);
        } finally {
            writer.release();
        }
        try {
            reader.start();
        } catch (OutOfMemoryError e) { // there is no thread to be had now; there may be one later
            lost(DisconnectReason.ioError(e));
            left();
        }
    }

    /** Gives the lock back, see {@link Writer#release}. */
    void release() {
        writer.release();
    }

    /** The calling thread is about to wait for the server; it may be the one that should read. With the lock. */
    void callerWaits() {
        reader.callerWaits();
    }

    /** Whether who waits for the server writes what there is to write; not if it had to wait for a store. With the lock. */
    boolean readerWrites() {
        return !persists() && reader.takesWriting();
    }

    /** There is an answer to write: sees to it that somebody does. With the lock. */
    void answerWaits() {
        if (!reader.isToWrite()) {
            writer.wake();
        }
    }

    /** With the lock, as the next three. */
    AuthConversation auth() {
        return auth;
    }

    ClientConnection connection() {
        return connection;
    }

    Writer writer() {
        return writer;
    }

    boolean isOver() {
        return over.isPresent();
    }

    /** Says goodbye, if there is a connection, and closes it. With the lock. */
    void sayGoodbye(Disconnect disconnect) {
        if (over.isPresent()) {
            return;
        }
        blame = Cause.CLOSED_BY_CLIENT;
        try {
            connection.disconnect(disconnect, this);
        } finally {
            blame = Cause.PROTOCOL_ERROR;
        }
    }

    /** With the lock. */
    void requireOpen() {
        if (!connection.isOpen()) {
            throw new NotConnectedException(life.whyNot());
        }
    }

    // ---- What the connection asks for, under the lock

    @Override
    public void send(Packet packet) {
        writer.put(packet);
    }

    @Override
    public void sendMessage(Publish message, QoS qos, int packetId, boolean dup) {
        Publish numbered = message.packetId() == packetId ? message : message.with(qos, packetId);
        Publish sent = dup ? numbered.again() : numbered;
        if (dup && !connection.takes(sent)) { // the server takes less than on the connection before [MQTT-3.2.2-15]
            complete(packetId, ReasonCode.PACKET_TOO_LARGE);
            connection.flows().outbound().abandon(packetId, true, this);
            return;
        }
        session.counts().messageSent();
        send(connection.aliases().areTaken() ? connection.aliases().apply(sent) : sent);
    }

    @Override
    public void deliver(Publish message) {
        session.deliveries().add(message, connection.flows());
    }

    @Override
    public void handle(Packet packet) {
        if (packet instanceof ConnAck connAck) {
            on(connAck);
        } else if (packet instanceof SubAck subAck) {
            session.replies().answered(subAck);
        } else if (packet instanceof UnsubAck unsubAck) {
            session.replies().answered(unsubAck);
        } else if (packet instanceof Auth received) {
            auth.received(received);
        } else if (packet instanceof Disconnect) {
            blame = Cause.DISCONNECTED_BY_SERVER;
            farewell = packet.properties();
        } else {
            throw new IllegalStateException(packet.type() + " is not for the owner of a connection");
        }
    }

    @Override
    public void persist(FlowChange<Publish> change) {
        session.stored().append(change);
    }

    @Override
    public boolean persists() {
        return session.stored().isKept();
    }

    @Override
    public void complete(int packetId, ReasonCode reason) {
        session.replies().answered(packetId, reason);
        session.publisher().goOn();
    }

    @Override
    public void close(ReasonCode reason, String detail) {
        boolean toBeRead = blame == Cause.CLOSED_BY_CLIENT || blame == Cause.PROTOCOL_ERROR;
        end(new DisconnectReason(blame, reason, farewell, detail, Optional.empty()), toBeRead && accepted);
    }

    private void on(ConnAck connAck) {
        if (connAck.reason().isError()) {
            blame = Cause.REFUSED;
            farewell = connAck.properties();
            return;
        }
        try {
            auth.accepted(connAck.properties());
        } catch (RuntimeException e) {
            distrust(e);
            return;
        }
        accepted = true;
        if (!connAck.sessionPresent()) {
            session.subscriptions().doubt();
        }
        boolean resumed = connection.flows() == session.flows()
                && sessionKept
                && (connAck.sessionPresent() || connect.version() == ProtocolVersion.V3_1);
        session.accepted(connection.flows(), resumed, life.whyNot());
        life.accepted(connAck, connection.terms(), session.machine().now());
    }

    /** The server did not prove what it had to prove, or there is no answer to what it says. With the lock. */
    void distrust(RuntimeException why) {
        blame = Cause.PROTOCOL_ERROR;
        connection.fail(ReasonCode.NOT_AUTHORIZED, "enhanced authentication failed: " + why.getMessage(), this);
    }

    /** CONNACK was carried out, and what it had to send again was sent. */
    private void begin(ConnAck connAck, long now) {
        setAlarm(connection.nextDeadline(now));
        session.requests()
                .subscribeAgain(connAck.sessionPresent() && connect.version().hasProperties());
        session.publisher().goOn();
    }

    // ---- What the reader and the writer tell

    /** The link is open. */
    void opened() {
        lock.lock();
        try {
            if (over.isEmpty()) {
                greeted = true;
                connection.connect(connect, session.flows(), sessionKept, startedAt, this);
            }
        } finally {
            writer.writeAndRelease();
        }
    }

    /**
     * The server sent these packets, and behind them what is no packet, if there is an {@code error}. With the lock.
     */
    void received(List<Packet> packets, Optional<ProtocolException> error, long now) {
        if (over.isPresent()) {
            return;
        }
        blame = Cause.PROTOCOL_ERROR;
        for (Packet packet : packets) {
            connection.received(packet, now, this);
            if (packet instanceof ConnAck connAck && connection.isOpen()) {
                begin(connAck, now);
            }
        }
        error.ifPresent(known -> connection.malformed(known, this));
    }

    /** Whether somebody waits for an answer of the server, or may. With the lock. */
    boolean isServerAwaited() {
        return session.replies().isAwaited()
                || session.responses().isAwaited()
                || session.publisher().isWaiting()
                || session.callbacks().isWaiting();
    }

    /**
     * Whether one of so many packets may be waited for, or wait for an answer: this client has written since {@code before},
     * and the server does not owe it far more answers than these. With the lock.
     */
    boolean isUrgent(int packets, long before) {
        return writer.lastWrite() >= before && session.flows().outbound().inFlight() < Math.max(FAR, 4 * packets);
    }

    /** Ends the wait of a callback, if it waits for the server. With the lock. */
    void giveUpCallback(RuntimeException error) {
        session.callbacks().giveUpWaiting(error);
        session.publisher().goOn(); // that may be where it waits
    }

    /** Nothing that waits for the server is waited for any more. With the lock. */
    void failWaiting(Supplier<RuntimeException> error) {
        session.replies().failAwaited(error);
        session.responses().failAll(error);
        session.publisher().failAll(error);
        session.completions().kick();
    }

    /** The link can be read no more. */
    void lost(DisconnectReason reason) {
        lock.lock();
        try {
            end(reason, false);
        } finally {
            writer.release();
        }
    }

    /** The reader has closed the link, and comes back no more. */
    void left() {
        lock.lock();
        try {
            writer.abandon();
            setAlarm(KeepAlive.NEVER);
        } finally {
            writer.release();
        }
        life.left();
    }

    // ---- The end, and time

    private void end(DisconnectReason reason, boolean toBeRead) {
        if (over.isPresent()) {
            return;
        }
        over = Optional.of(reason);
        connection.closed();
        if (greeted && !accepted && reason.cause() != Cause.REFUSED) { // a session may have begun that had lost them
            session.subscriptions().doubt();
        }
        if (reason.cause() == Cause.CLOSED_BY_CLIENT) {
            session.callbacks().dropMessages();
        }
        life.ended(reason, accepted, session.machine().now());
        auth.failAll(() -> new NotConnectedException(reason));
        if (toBeRead) {
            writer.finish();
        } else {
            writer.abandon();
        }
        setAlarm(toBeRead ? LINGER : KeepAlive.NEVER);
        session.callbacks().room().signal();
    }

    /** The alarm rang. */
    private void tick() {
        lock.lock();
        try {
            long now = session.machine().now();
            if (over.isPresent()) {
                writer.abandon(); // the server had time enough to read the last word
            } else if (writer.broken().isPresent()) {
                end(DisconnectReason.ioError(writer.broken().get()), false);
            } else if (!greeted) {
                end(
                        DisconnectReason.of(
                                Cause.CONNECT_TIMEOUT, ReasonCode.UNSPECIFIED_ERROR, "no connection in time"),
                        false);
            } else {
                blame = connection.isOpen() ? Cause.PING_TIMEOUT : Cause.CONNECT_TIMEOUT;
                connection.listeningSince(reader.listeningSince(now)); // it may have waited for room
                connection.expire(now, this);
                if (over.isEmpty()) {
                    setAlarm(connection.nextDeadline(now));
                }
            }
        } finally {
            writer.release();
        }
    }

    /** Bytes were given to the link. */
    void written(long now) {
        connection.written(now);
        session.publisher().goOn();
    }

    /** The link takes nothing any more. */
    void writingFailed() {
        setAlarm(LINGER); // until then the reader may find the server's last word
        session.publisher().goOn();
    }

    private void setAlarm(long nanos) {
        alarm.ifPresent(known -> known.cancel(false));
        alarm = nanos == KeepAlive.NEVER ? Optional.empty() : session.machine().schedule(this::tick, nanos);
    }
}
