package io.mqttx.broker;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.Message;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;

/** All events but those of bytes, one line each. */
final class RecordedEvents implements BrokerEvents {
    private final List<String> lines = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();
    private boolean failing;

    /** Throws at every event from now on. */
    void failFromNowOn() {
        failing = true;
    }

    /** The connections of all clients that came in, in their order. */
    List<Connection> connections() {
        return List.copyOf(connections);
    }

    /** The events since the last call. */
    List<String> take() {
        List<String> taken = List.copyOf(lines);
        lines.clear();
        return taken;
    }

    /** The events since the last call that begin so. */
    List<String> take(String start) {
        return take().stream().filter(line -> line.startsWith(start)).toList();
    }

    private void note(String line) {
        failIfPlanned();
        lines.add(line);
    }

    private void failIfPlanned() {
        if (failing) {
            throw new IllegalStateException("planted");
        }
    }

    @Override
    public void received(int bytes) {
        failIfPlanned();
    }

    @Override
    public void sent(int bytes) {
        failIfPlanned();
    }

    @Override
    public void opened() {
        note("opened");
    }

    @Override
    public void closed() {
        note("closed");
    }

    @Override
    public void connected(Connection connection) {
        connections.add(connection);
        note("connected " + connection.clientId());
    }

    @Override
    public void connectFailed(String remoteAddress, ReasonCode reason, String detail) {
        note("connect failed " + reason);
    }

    @Override
    public void disconnected(String clientId, DisconnectReason reason) {
        note("disconnected " + clientId + " " + reason.cause() + " " + reason.code());
    }

    @Override
    public void published(Message message) {
        note("published " + message.topic().text());
    }

    @Override
    public void delivered(String clientId, Publish message) {
        note("delivered " + clientId + " " + message.topic().text());
    }

    @Override
    public void dropped(String clientId, Publish message, DropCause cause) {
        note("dropped " + clientId + " " + message.topic().text() + " " + cause);
    }

    @Override
    public void limited(Limit limit, String who) {
        note("limited " + limit + " " + who);
    }

    @Override
    public void subscribed(String clientId, Subscription subscription) {
        note("subscribed " + clientId + " " + subscription.filter().text());
    }

    @Override
    public void unsubscribed(String clientId, TopicFilter filter) {
        note("unsubscribed " + clientId + " " + filter.text());
    }
}
