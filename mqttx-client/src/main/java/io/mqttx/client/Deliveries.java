package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.flow.SessionFlows;
import java.util.List;
import java.util.function.Consumer;

/** Hands messages to the application, each to the callbacks of its subscriptions or to the handler. */
final class Deliveries {
    private final ClientLoop loop;
    private final MqttClient client;
    private final ClientHandler handler;
    private final Subscriptions subscriptions; // the client's
    private final Callbacks callbacks;
    private final Writer writer;

    Deliveries(
            ClientLoop loop,
            MqttClient client,
            ClientHandler handler,
            Subscriptions subscriptions,
            Callbacks callbacks,
            Writer writer) {
        this.loop = loop;
        this.client = client;
        this.handler = handler;
        this.subscriptions = subscriptions;
        this.callbacks = callbacks;
        this.writer = writer;
    }

    /**
     * Hands over a message, when it is its turn. Who takes it is settled now: UNSUBACK may be read before it is told.
     * With the lock.
     *
     * @param origin the flows that delivered it, to which the answer goes
     */
    void add(Publish message, SessionFlows<Publish> origin) {
        Message received = new Message(message);
        callbacks.add(new Delivery(received, subscriptions.matching(received), origin));
    }

    /** A message for the application: acknowledged when it was told. */
    private final class Delivery implements Callbacks.Call {
        private static final int OVERHEAD = 128; // bytes of a message beside its payload, about

        private final Message message;
        private final List<Consumer<Message>> takers;
        private final SessionFlows<Publish> origin;

        Delivery(Message message, List<Consumer<Message>> takers, SessionFlows<Publish> origin) {
            this.message = message;
            this.takers = takers;
            this.origin = origin;
        }

        @Override
        public void run() {
            if (takers.isEmpty()) {
                handler.onMessage(client, message);
            }
            takers.forEach(taker -> taker.accept(message));
        }

        @Override
        public int weight() {
            return OVERHEAD + message.packet().payloadLength();
        }

        @Override
        public boolean isAwaited() {
            return message.qos() != QoS.AT_MOST_ONCE;
        }

        @Override
        public void finished() {
            if (isAwaited()) {
                origin.inbound().accepted(message.packet().packetId(), ReasonCode.SUCCESS, loop);
                writer.wake();
            }
        }
    }
}
