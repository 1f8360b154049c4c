package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.protocol.flow.SessionFlows;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What of a client outlives its connections: the lock, who is told what, and the state of the session (§4.1). All of it
 * is guarded by the lock, or safe for all threads; no code of the application runs under the lock.
 */
final class ClientSession {
    private final MqttClient client;
    private final ClientOptions options;
    private final ClientHandler handler;
    private final Machine machine;
    private final String name;
    private final ReentrantLock lock = new ReentrantLock();
    private final Callbacks callbacks;
    private final Completions completions;
    private final EventQueue events;
    private final Counts counts = new Counts();
    private final Subscriptions subscriptions;
    private final PendingReplies replies;
    private final Deliveries deliveries;
    private final Streams streams;
    private final Publisher publisher;
    private final Requests requests;
    private final Responses responses;
    private final StoredSession stored;

    private SessionFlows<Publish> flows;
    private boolean fresh; // nothing of an earlier client counts, as the first CONNACK will confirm
    private String responseInformation = ""; // of the server
    private boolean over; // there will be no other connection
    private ClientLoop loop; // the connection, or the last one; null before the first

    ClientSession(MqttClient client, ClientOptions options, ClientHandler handler, Machine machine) {
        this.client = client;
        this.options = options;
        this.handler = handler;
        this.machine = machine;
        this.name = "mqttx-" + (options.clientId().isEmpty() ? options.host() : options.clientId());
        this.callbacks = new Callbacks(lock, name + "-callbacks", machine);
        this.completions = new Completions(name + "-futures", machine);
        this.events = new EventQueue(options.events());
        this.stored = open(options);
        this.subscriptions = new Subscriptions(stored);
        this.deliveries = new Deliveries(this);
        this.streams = new Streams(this);
        this.publisher = new Publisher(this);
        this.requests = new Requests(this);
        this.responses = new Responses(this);
        this.replies = new PendingReplies(this);
        this.fresh = options.cleanStart();
        this.flows = fresh ? new SessionFlows<>() : SessionFlows.restore(stored.flows());
        if (!fresh) {
            subscriptions.restore();
        }
    }

    private static StoredSession open(ClientOptions options) {
        try {
            return options.sessionStore().open(options.clientId());
        } catch (IOException e) {
            throw new ConnectFailedException(DisconnectReason.ioError(e));
        }
    }

    MqttClient client() {
        return client;
    }

    ClientOptions options() {
        return options;
    }

    ClientHandler handler() {
        return handler;
    }

    Machine machine() {
        return machine;
    }

    /** What the names of its threads begin with. */
    String name() {
        return name;
    }

    ReentrantLock lock() {
        return lock;
    }

    Callbacks callbacks() {
        return callbacks;
    }

    Completions completions() {
        return completions;
    }

    EventQueue events() {
        return events;
    }

    /** With the lock. */
    Counts counts() {
        return counts;
    }

    /** With the lock. */
    ClientCounters counters() {
        return counts.with(flows.outbound().inFlight(), publisher.waiting(), callbacks.held());
    }

    Subscriptions subscriptions() {
        return subscriptions;
    }

    PendingReplies replies() {
        return replies;
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Streams streams() {
        return streams;
    }

    Publisher publisher() {
        return publisher;
    }

    Requests requests() {
        return requests;
    }

    Responses responses() {
        return responses;
    }

    /** The connection, or the last one. With the lock. */
    ClientLoop loop() {
        return loop;
    }

    /** The calling thread is about to wait for the server. */
    void callerWaits() {
        lock.lock();
        try {
            loop.callerWaits();
        } finally {
            lock.unlock();
        }
    }

    /** A new connection begins. With the lock. */
    void begin(ClientLoop next) {
        loop = next;
    }

    /** Where the server wants responses to go (§3.2.2.3.15); empty if it does not say. With the lock. */
    String responseInformation() {
        return responseInformation;
    }

    /** The server says where it wants responses to go. With the lock. */
    void responsesGoTo(String information) {
        responseInformation = information;
    }

    /** Whether there is a connection, or will be another one. With the lock. */
    boolean goesOn() {
        return !over;
    }

    /** There will be no other connection. With the lock. */
    void stop() {
        over = true;
        callbacks.hurry();
    }

    /** The flows for the next CONNECT. With the lock. */
    SessionFlows<Publish> flows() {
        return flows;
    }

    /** Where the session outlives this client, if anywhere. */
    StoredSession stored() {
        return stored;
    }

    /**
     * The server has accepted the connection. With the lock.
     *
     * @param current the flows in use; if they are others than before, what was in flight is lost
     * @param resumed whether the server has the session that the client has
     */
    void accepted(SessionFlows<Publish> current, boolean resumed, DisconnectReason whyNotBefore) {
        if (!resumed) {
            stored.reset();
        }
        if (fresh) {
            subscriptions.forgetStored();
            fresh = false;
        }
        goOnWith(current, whyNotBefore, false);
    }

    /**
     * What is in flight is waited for no more: the session has ended, or the client. With the lock.
     *
     * @param isStored whether the next client finds it in the store, and sends it again
     */
    void forget(DisconnectReason why, boolean isStored) {
        goOnWith(flows.successor(), why, isStored);
    }

    private void goOnWith(SessionFlows<Publish> current, DisconnectReason whyNotBefore, boolean isStored) {
        if (current != flows) {
            FlowSnapshot<Publish> before = flows.snapshot();
            flows = current;
            deliveries.forget();
            if (!isStored) {
                before.outgoing().forEach(outgoing -> dropIfRestored(outgoing, whyNotBefore));
            }
            replies.failAll(() -> new NotConnectedException(whyNotBefore), isStored);
        }
    }

    /** A message that an earlier client had published waits for no reply here, and is lost all the same. */
    private void dropIfRestored(FlowSnapshot.Outgoing<Publish> outgoing, DisconnectReason why) {
        if (outgoing instanceof FlowSnapshot.Unanswered<Publish> unanswered
                && !replies.isPending(unanswered.packetId())) {
            publisher.drop(unanswered.message(), Optional.empty(), new NotConnectedException(why));
        }
    }
}
