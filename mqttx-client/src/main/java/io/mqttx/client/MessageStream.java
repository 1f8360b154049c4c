package io.mqttx.client;

import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The messages of one filter on their way to everybody who streams it. Takes messages on the thread of the callbacks. */
final class MessageStream implements Consumer<Message> {
    private final ClientSession session;
    private final TopicFilter filter;
    private final List<StreamSubscription> subscriptions = new CopyOnWriteArrayList<>();

    MessageStream(ClientSession session, TopicFilter filter) {
        this.session = session;
        this.filter = filter;
    }

    TopicFilter filter() {
        return filter;
    }

    /** With the lock. */
    void add(StreamSubscription subscription) {
        subscriptions.add(subscription);
        session.callbacks().add(subscription::begin);
    }

    void remove(StreamSubscription subscription) {
        subscriptions.remove(subscription);
    }

    boolean isEmpty() {
        return subscriptions.isEmpty();
    }

    @Override
    public void accept(Message message) {
        subscriptions.forEach(subscription -> subscription.offer(message));
    }

    /**
     * No more messages will come. With the lock.
     *
     * @param error  why, if it is an error
     * @param closed whether what has come is not to be told any more
     */
    void end(Optional<Throwable> error, boolean closed) {
        session.streams().remove(this);
        session.callbacks().add(() -> subscriptions.forEach(subscription -> subscription.end(error, closed)));
    }
}
