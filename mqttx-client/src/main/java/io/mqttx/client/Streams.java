package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * The streams of a client, one for each filter: the first subscriber of a filter brings SUBSCRIBE about, the last one
 * that leaves UNSUBSCRIBE. Guarded by the lock of the client.
 */
final class Streams {
    private static final int MOST = 1_000_000;

    private final ClientSession session;
    private final Map<TopicFilter, MessageStream> open = new HashMap<>();
    private final Set<TopicFilter> abandoned = new HashSet<>(); // the last one left while there was no connection

    Streams(ClientSession session) {
        this.session = session;
    }

    /** A stream that begins when somebody subscribes to it. */
    Flow.Publisher<Message> of(Subscription subscription, int buffer) {
        Objects.requireNonNull(subscription, "subscription");
        if (buffer < 1 || buffer > MOST) {
            throw new IllegalArgumentException("buffer is 1 to " + MOST + " messages, not " + buffer);
        }
        return subscriber -> begin(subscription, buffer, Objects.requireNonNull(subscriber, "subscriber"));
    }

    private void begin(Subscription subscription, int buffer, Flow.Subscriber<? super Message> subscriber) {
        MessageStream stream;
        boolean first;
        session.lock().lock();
        try {
            first = !open.containsKey(subscription.filter());
            stream = open.computeIfAbsent(subscription.filter(), filter -> new MessageStream(session, filter));
            stream.add(new StreamSubscription(session, stream, subscriber, buffer));
        } finally {
            session.loop().release();
        }
        if (first) {
            subscribe(subscription, stream);
        }
    }

    private void subscribe(Subscription subscription, MessageStream stream) {
        Promise<List<QoS>> promise = Promise.toGiveAway();
        session.requests().subscribe(List.of(subscription), Properties.EMPTY, Optional.of(stream), promise);
        CompletableFuture<List<QoS>> ignored = promise.future().whenComplete((granted, error) -> {
            if (error != null) {
                end(stream, error);
            }
            if (error instanceof RequestTimeoutException) { // it may be granted still
                unsubscribe(stream.filter());
            }
        });
    }

    private void end(MessageStream stream, Throwable error) {
        session.lock().lock();
        try {
            stream.end(Optional.of(error), false);
        } finally {
            session.loop().release();
        }
    }

    /** With the lock. */
    void remove(MessageStream stream) {
        open.remove(stream.filter(), stream);
    }

    /** A subscriber has gone; with the last one goes the subscription. */
    void leave(MessageStream stream, StreamSubscription subscription) {
        boolean last;
        session.lock().lock();
        try {
            stream.remove(subscription);
            last = stream.isEmpty() && open.remove(stream.filter(), stream);
        } finally {
            session.loop().release();
        }
        if (last) {
            unsubscribe(stream.filter());
        }
    }

    private void unsubscribe(TopicFilter filter) {
        CompletableFuture<?> ignored = session.client()
                .unsubscribeAsync(List.of(filter), Properties.EMPTY)
                .whenComplete((reasons, error) -> {
                    if (error instanceof NotConnectedException) {
                        abandon(filter);
                    }
                });
    }

    private void abandon(TopicFilter filter) {
        session.lock().lock();
        try {
            if (session.goesOn()) {
                abandoned.add(filter);
            }
        } finally {
            session.lock().unlock();
        }
        boolean late = session.client().isConnected(); // again, and its beginning did not know of this filter
        if (late) {
            connected();
        }
    }

    /** There is a connection: does what could not be done without. */
    void connected() {
        List<TopicFilter> filters;
        session.lock().lock();
        try {
            abandoned.removeAll(open.keySet());
            filters = List.copyOf(abandoned);
            abandoned.clear();
        } finally {
            session.lock().unlock();
        }
        filters.forEach(this::unsubscribe);
    }

    /** There will be no other connection. With the lock. */
    void endAll(DisconnectReason reason) {
        boolean closed = reason.cause() == DisconnectReason.Cause.CLOSED_BY_CLIENT;
        Optional<Throwable> error = closed ? Optional.empty() : Optional.of(new NotConnectedException(reason));
        List.copyOf(open.values()).forEach(stream -> stream.end(error, closed));
    }
}
