package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.flow.SessionFlows;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;

/** Hands messages to the application, each to the callbacks of its subscriptions or to the handler. */
final class Deliveries {
    private static final System.Logger LOG = System.getLogger(Deliveries.class.getName());

    private final ClientSession session;

    // By the object, not by what it says: two messages may say the same. Bounded by the receive maximum (§4.9).
    private final IdentityHashMap<Message, SessionFlows<Publish>> unacknowledged = new IdentityHashMap<>();

    private Delivery current; // the one that is told now; for the thread of the callbacks alone, null between two

    /** A message that somebody keeps, to be done with it later. For the thread of the callbacks alone. */
    interface Kept {
        Message message();

        /** Once: may be acknowledged now. */
        void done();
    }

    Deliveries(ClientSession session) {
        this.session = session;
    }

    /** The session has ended: nobody waits for its acknowledgements. With the lock. */
    void forget() {
        unacknowledged.clear();
    }

    /**
     * Hands over a message, when it is its turn. Who takes it is settled now: UNSUBACK may be read before it is told.
     * With the lock.
     *
     * @param origin the flows that delivered it, to which the answer goes
     */
    void add(Publish message, SessionFlows<Publish> origin) {
        Message received = new Message(message);
        session.counts().messageReceived();
        if (session.events().isOn()) {
            session.events().add(events -> events.messageReceived(session.client(), received));
        }
        List<Consumer<Message>> takers = session.subscriptions().matching(received);
        boolean manual = session.options().manualAcknowledgement() && !isResponse(takers);
        if (manual && message.qos() != QoS.AT_MOST_ONCE) {
            unacknowledged.put(received, origin);
        }
        session.callbacks().add(new Delivery(received, takers, origin, manual));
        if (session.responses().isAwaited() && takers.contains(session.responses())) {
            session.responses().accept(received);
        }
    }

    /** Whether this is for nobody but who waits for a response, and may have given up. */
    private boolean isResponse(List<Consumer<Message>> takers) {
        return takers.size() == 1 && takers.get(0) == session.responses();
    }

    /** Keeps the message that is told now from being acknowledged. */
    Kept keep() {
        current.keepers++;
        return current;
    }

    /** Bytes of memory that a message takes, about. */
    static int weightOf(Message message) {
        return Delivery.OVERHEAD + message.packet().payloadLength();
    }

    /** The application is done with a message, and says so itself. */
    void acknowledge(Message message) {
        session.lock().lock();
        try {
            SessionFlows<Publish> origin = unacknowledged.remove(message);
            if (origin != null) {
                accept(message, origin);
            }
        } finally {
            session.loop().release();
        }
    }

    private void accept(Message message, SessionFlows<Publish> origin) {
        if (origin == session.flows()) { // else its session has ended, and nobody asks for an answer
            origin.inbound().accepted(message.packet().packetId(), ReasonCode.SUCCESS, session.loop());
            session.loop().answerWaits();
        }
    }

    /** A message for the application: acknowledged when it was told. */
    private final class Delivery implements Callbacks.Call, Kept {
        private static final int OVERHEAD = 128; // bytes of a message beside its payload, about

        private final Message message;
        private final List<Consumer<Message>> takers;
        private final SessionFlows<Publish> origin;
        private final boolean manual; // acknowledged by the application
        private int keepers; // who is not done with it yet
        private boolean told; // to all

        Delivery(Message message, List<Consumer<Message>> takers, SessionFlows<Publish> origin, boolean manual) {
            this.message = message;
            this.takers = takers;
            this.origin = origin;
            this.manual = manual;
        }

        @Override
        public Message message() {
            return message;
        }

        @Override
        public void run() {
            if (takers.isEmpty()) {
                session.handler().onMessage(session.client(), message);
            }
            current = this;
            for (Consumer<Message> taker : takers) {
                tell(taker);
            }
            current = null;
        }

        /** One that throws must not take the message from the others. */
        private void tell(Consumer<Message> taker) {
            try {
                taker.accept(message);
            } catch (Throwable e) { // also an AssertionError of the application
                LOG.log(Level.ERROR, "a callback of the application failed", e);
            }
        }

        @Override
        public int weight() {
            return weightOf(message);
        }

        @Override
        public boolean isAwaited() {
            return message.qos() != QoS.AT_MOST_ONCE;
        }

        @Override
        public void finished() {
            told = true;
            acceptIfDone();
        }

        @Override
        public void done() {
            keepers--;
            if (!told || keepers > 0 || !isAwaited()) {
                return;
            }
            session.lock().lock();
            try {
                acceptIfDone();
            } finally {
                session.loop().release();
            }
        }

        private void acceptIfDone() {
            if (keepers == 0 && isAwaited() && !manual) {
                accept(message, origin);
            }
        }
    }
}
