package io.mqttx.client;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.client.link.Link;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.UnsubAck;
import io.mqttx.protocol.ClientConnection;
import io.mqttx.protocol.Terms;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.KeepAlive;
import io.mqttx.protocol.flow.SessionFlows;
import java.lang.System.Logger.Level;
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
 *   <li>The {@link Reader} opens the link, reads, and tells the connection. It never writes and never calls the
 *       application.
 *   <li>A <b>caller</b> of {@link Publisher} writes to the link itself if the line is quiet. If it is not, or if the caller is inside of a
 *       callback, it leaves its bytes to the {@link Writer}.
 *   <li>{@link Callbacks} run on a thread of their own. When they do not keep up, the reader stops, which slows down the
 *       server, but not while somebody waits for an answer of the server.
 *   <li><b>Futures</b> are completed by threads that nobody else depends on.
 * </ul>
 */
final class ClientLoop implements ActionSink<Publish> {
    private static final System.Logger LOG = System.getLogger(ClientLoop.class.getName());

    private static final long LINGER = 1_000_000_000; // nanoseconds for a last word to be read

    private final MqttClient client;
    private final ClientOptions options;
    private final ClientHandler handler;
    private final SharedTimer timer;
    private final SessionFlows<Publish> flows; // the client's, for CONNECT; then the connection knows which are in use
    private final long startedAt = System.nanoTime();
    private final long patience;

    // The lock guards everything below, and what it is handed to. No code of the application runs under it.
    private final ReentrantLock lock = new ReentrantLock();
    private final ClientConnection connection;
    private final Writer writer;
    private final Reader reader;
    private final Callbacks callbacks;
    private final Completions completions;
    private final PendingReplies replies;
    private final Deliveries deliveries;
    private final Publisher publisher;
    private final Requests requests;
    private final Promise<MqttClient> connected;
    private final Promise<Boolean> gone = Promise.toWaitFor();

    private boolean greeted; // CONNECT was given to the output
    private boolean told; // onConnected
    private boolean deadlineNearer; // than the alarm: other deadlines only move away, and the alarm may come too early
    private Optional<Future<?>> alarm = Optional.empty();

    // How it ends:
    private Optional<DisconnectReason> over = Optional.empty();
    private Cause blame = Cause.PROTOCOL_ERROR; // if the connection closes now
    private Properties farewell = Properties.EMPTY; // of the packet with which the server ended it

    private boolean pingOut; // PINGREQ was sent, and PINGRESP has not come

    ClientLoop(
            MqttClient client,
            ClientOptions options,
            ClientHandler handler,
            Link link,
            Subscriptions subscriptions,
            SessionFlows<Publish> flows,
            SharedTimer timer,
            Promise<MqttClient> connected) {
        this.client = client;
        this.options = options;
        this.handler = handler;
        this.flows = flows;
        this.timer = timer;
        this.connected = connected;
        this.patience = options.connectTimeout().toNanos();
        String name = "mqttx-" + (options.clientId().isEmpty() ? options.host() : options.clientId());
        this.connection = new ClientConnection(options.maxInflight(), patience);
        this.callbacks = new Callbacks(lock, name + "-callbacks");
        this.completions = new Completions(name + "-futures", timer);
        this.replies = new PendingReplies(subscriptions, completions);
        this.writer = new Writer(this, link, lock, options.version(), callbacks, completions, name + "-writer");
        this.reader = new Reader(this, options, link, lock, writer, callbacks, name + "-reader");
        this.deliveries = new Deliveries(this, client, handler, subscriptions, callbacks, writer);
        this.publisher = new Publisher(this, options, lock, connection, writer, callbacks, replies, completions);
        this.requests =
                new Requests(this, options, lock, connection, writer, callbacks, replies, completions, subscriptions);
    }

    /** Begins to connect. Once. */
    void start() {
        timer.enter();
        lock.lock();
        try {
            setAlarm(patience);
        } finally {
            writer.release();
        }
        reader.start();
    }

    Publisher publisher() {
        return publisher;
    }

    Requests requests() {
        return requests;
    }

    boolean isOpen() {
        lock.lock();
        try {
            return connection.isOpen();
        } finally {
            lock.unlock();
        }
    }

    /** With the lock. */
    boolean isOver() {
        return over.isPresent();
    }

    Terms terms() {
        lock.lock();
        try {
            return connection.terms();
        } finally {
            lock.unlock();
        }
    }

    /** Says goodbye and waits for the end, but not for a server that does not want to end it. */
    void disconnect(Disconnect disconnect) {
        lock.lock();
        try {
            if (over.isEmpty()) {
                blame = Cause.CLOSED_BY_CLIENT;
                connection.disconnect(disconnect, this);
            }
            callbacks.dropMessages();
        } finally {
            writer.release();
        }
        try {
            gone.await(2 * LINGER);
        } catch (WaitInterruptedException | RequestTimeoutException e) {
            LOG.log(Level.DEBUG, "the link takes its time to close", e);
        }
    }

    /** With the lock. */
    void requireOpen() {
        if (!connection.isOpen()) {
            throw new NotConnectedException(over.orElseGet(() -> DisconnectReason.of(
                    Cause.CONNECT_TIMEOUT, ReasonCode.UNSPECIFIED_ERROR, "there was no CONNACK yet")));
        }
    }

    // ---- What the connection asks for, under the lock

    @Override
    public void send(Packet packet) {
        if (packet.type() == PacketType.PINGREQ) {
            pingOut = true;
        }
        writer.put(packet);
    }

    @Override
    public void sendMessage(Publish message, QoS qos, int packetId, boolean dup) {
        Publish numbered = message.packetId() == packetId ? message : message.with(qos, packetId);
        send(dup ? numbered.again() : numbered);
    }

    @Override
    public void deliver(Publish message) {
        deliveries.add(message, connection.flows());
    }

    @Override
    public void handle(Packet packet) {
        switch (packet.type()) {
            case CONNACK -> on((ConnAck) packet);
            case SUBACK -> replies.answered((SubAck) packet);
            case UNSUBACK -> replies.answered((UnsubAck) packet);
            case DISCONNECT -> {
                blame = Cause.DISCONNECTED_BY_SERVER;
                farewell = packet.properties();
            }
            default -> throw new IllegalStateException(packet.type() + " is not for the owner of a connection");
        }
    }

    @Override
    public void persist(FlowChange<Publish> change) {
        throw new IllegalStateException("this session is not stored");
    }

    @Override
    public boolean persists() {
        return false;
    }

    @Override
    public void complete(int packetId, ReasonCode reason) {
        replies.answered(packetId, reason)
                .ifPresent(refused -> callbacks.add(() -> handler.onPublishRefused(client, refused, packetId, reason)));
        publisher.goOn();
    }

    @Override
    public void close(ReasonCode reason, String detail) {
        boolean toBeRead = blame == Cause.CLOSED_BY_CLIENT || blame == Cause.PROTOCOL_ERROR;
        end(new DisconnectReason(blame, reason, farewell, detail, Optional.empty()), toBeRead && told);
    }

    private void on(ConnAck connAck) {
        if (connAck.reason().isError()) {
            blame = Cause.REFUSED;
            farewell = connAck.properties();
            return;
        }
        told = true;
        deadlineNearer = true;
        callbacks.add(() -> handler.onConnected(client, connAck));
        connected.succeed(client, completions);
    }

    // ---- What the reader and the writer tell

    /** The link is open. */
    void opened() {
        lock.lock();
        try {
            if (over.isEmpty()) {
                greeted = true;
                connection.connect(options.connect(), flows, false, startedAt, this);
            }
        } finally {
            writer.writeAndRelease();
        }
    }

    /**
     * The server sent these packets, and behind them what is no packet, if there is an {@code error}. With the lock.
     */
    void received(List<Packet> packets, Optional<ProtocolException> error) {
        if (over.isPresent()) {
            return;
        }
        long now = System.nanoTime();
        blame = Cause.PROTOCOL_ERROR;
        for (Packet packet : packets) {
            if (packet.type() == PacketType.PINGRESP) {
                pingOut = false;
                deadlineNearer = true; // that for the next PINGREQ
            }
            connection.received(packet, now, this);
        }
        error.ifPresent(known -> connection.malformed(known, this));
        if (deadlineNearer && over.isEmpty()) {
            deadlineNearer = false;
            setAlarm(connection.nextDeadline(now));
        }
    }

    /** Whether somebody waits for an answer of the server, or may. With the lock. */
    boolean isServerAwaited() {
        return replies.isAwaited() || publisher.isWaiting() || callbacks.isWaiting();
    }

    /** Ends the wait of a callback, if it waits for the server. With the lock. */
    void giveUpCallback(RuntimeException error) {
        callbacks.giveUpWaiting(error);
        publisher.goOn(); // that may be where it waits
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
        timer.leave();
        gone.succeed(true, completions);
    }

    // ---- The end, and time

    private void end(DisconnectReason reason, boolean toBeRead) {
        if (over.isPresent()) {
            return;
        }
        over = Optional.of(reason);
        connection.closed();
        if (reason.cause() == Cause.CLOSED_BY_CLIENT) {
            callbacks.dropMessages();
        }
        failWaiting(() -> new NotConnectedException(reason));
        if (told) {
            callbacks.add(() -> handler.onDisconnected(client, reason));
        } else {
            connected.fail(
                    reason.cause() == Cause.REFUSED
                            ? new ConnectRefusedException(reason)
                            : new ConnectFailedException(reason),
                    completions);
        }
        if (toBeRead) {
            writer.finish();
        } else {
            writer.abandon();
        }
        setAlarm(toBeRead ? LINGER : KeepAlive.NEVER);
        callbacks.room().signal();
    }

    /** Nothing that waits for the server is waited for any more. With the lock. */
    void failWaiting(Supplier<RuntimeException> error) {
        replies.failAll(error);
        publisher.failAll(error);
        completions.kick();
    }

    /** The alarm rang. */
    private void tick() {
        lock.lock();
        try {
            long now = System.nanoTime();
            if (over.isPresent()) {
                writer.abandon(); // the server had time enough to read the last word
            } else if (writer.broken().isPresent()) {
                end(DisconnectReason.ioError(writer.broken().get()), false);
            } else if (!greeted) {
                end(
                        DisconnectReason.of(
                                Cause.CONNECT_TIMEOUT, ReasonCode.UNSPECIFIED_ERROR, "no connection in time"),
                        false);
            } else if (pingOut && !reader.isServerSilent(patience, now)) {
                // The silence is ours: PINGRESP is there or near, and the reader waits for room. The server must hear
                // of us all the same.
                writer.put(PingReq.INSTANCE);
                setAlarm(patience);
            } else {
                blame = connection.isOpen() ? Cause.PING_TIMEOUT : Cause.CONNECT_TIMEOUT;
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
        publisher.goOn();
    }

    /** The link takes nothing any more. */
    void writingFailed() {
        setAlarm(LINGER); // until then the reader may find the server's last word
        publisher.goOn();
    }

    private void setAlarm(long nanos) {
        alarm.ifPresent(known -> known.cancel(false));
        alarm = nanos == KeepAlive.NEVER ? Optional.empty() : timer.schedule(this::tick, nanos);
    }
}
