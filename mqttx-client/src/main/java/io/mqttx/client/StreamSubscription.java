package io.mqttx.client;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one subscriber of a stream has asked for, and what waits for it. All signals leave as callbacks, one at a time,
 * so they are serial by nature [Reactive Streams §1.3]; {@link #request} and {@link #cancel} come from any thread, and
 * only wake that one.
 *
 * <p>A message that waits here counts as one that waits to be told; and when more wait than the subscriber has room for,
 * the client stops reading.
 */
final class StreamSubscription implements Flow.Subscription {
    private static final System.Logger LOG = System.getLogger(StreamSubscription.class.getName());

    private final ClientSession session;
    private final MessageStream stream;
    private final Flow.Subscriber<? super Message> subscriber;
    private final int buffer; // messages

    private final AtomicLong demand = new AtomicLong(); // Long.MAX_VALUE: without end [§3.17]
    private final AtomicBoolean awake = new AtomicBoolean(); // a call of drain is on its way
    private volatile boolean cancelled;
    private volatile boolean illegal; // it asked for less than one message

    // On the thread of the callbacks alone:
    private final Queue<Deliveries.Kept> waiting = new ArrayDeque<>();
    private boolean begun;
    private boolean draining;
    private boolean ended; // no more messages will come
    private Optional<Throwable> error = Optional.empty(); // why
    private boolean over; // nothing is signalled any more
    private long weight; // of what waits
    private long told; // how much of it the callbacks know
    private boolean full; // and whether it keeps the client from reading

    StreamSubscription(
            ClientSession session, MessageStream stream, Flow.Subscriber<? super Message> subscriber, int buffer) {
        this.session = session;
        this.stream = stream;
        this.subscriber = subscriber;
        this.buffer = buffer;
    }

    @Override
    public void request(long messages) {
        if (messages <= 0) {
            illegal = true;
        } else {
            demand.accumulateAndGet(messages, (known, more) -> known + more < 0 ? Long.MAX_VALUE : known + more);
        }
        wake();
    }

    @Override
    public void cancel() {
        if (!cancelled) {
            cancelled = true;
            wake();
        }
    }

    private void wake() {
        if (session.callbacks().isCurrent() && draining || !awake.compareAndSet(false, true)) {
            return; // it is looked at anyway
        }
        session.lock().lock();
        try {
            session.callbacks().add(this::drain);
        } finally {
            session.loop().release();
        }
    }

    /** The first signal [§1.9]. */
    void begin() {
        draining = true;
        try {
            subscriber.onSubscribe(this);
        } catch (Throwable e) {
            broken(e);
        }
        begun = true;
        drain();
    }

    void offer(Message message) {
        if (begun && !over && !ended) {
            waiting.add(session.deliveries().keep());
            weight += Deliveries.weightOf(message);
            drain();
        }
    }

    void end(Optional<Throwable> why, boolean closed) {
        ended = true;
        error = why;
        if (closed) {
            waiting.clear();
            weight = 0;
        }
        drain();
    }

    private void drain() {
        awake.set(false); // before the look: what is asked for from now on is looked at again
        draining = true;
        while (!over && !cancelled && !illegal && !waiting.isEmpty() && demand.get() > 0) {
            tellNext();
        }
        draining = false;
        if (!over) {
            settle();
        }
        tellRoom();
    }

    private void tellNext() {
        Deliveries.Kept next = waiting.remove();
        weight -= Deliveries.weightOf(next.message());
        demand.getAndUpdate(known -> known == Long.MAX_VALUE ? known : known - 1);
        try {
            subscriber.onNext(next.message());
        } catch (Throwable e) {
            broken(e);
        }
        next.done();
    }

    /** A subscriber that throws has no say any more [§2.13]. */
    private void broken(Throwable e) {
        LOG.log(Level.ERROR, "a subscriber of the application failed, and its subscription is cancelled", e);
        cancelled = true;
    }

    private void settle() {
        if (cancelled) {
            leave();
        } else if (illegal) {
            leave();
            signal(Optional.of(new IllegalArgumentException("a request is for one message or more [§3.9]")));
        } else if (ended && waiting.isEmpty()) {
            leave();
            signal(error);
        }
    }

    private void signal(Optional<Throwable> why) {
        try {
            why.ifPresentOrElse(subscriber::onError, subscriber::onComplete);
        } catch (Throwable e) {
            broken(e);
        }
    }

    /** What waits is let go and acknowledged: nobody wants it. */
    private void leave() {
        over = true;
        weight = 0;
        waiting.forEach(Deliveries.Kept::done);
        waiting.clear();
        session.streams().leave(stream, this);
    }

    private void tellRoom() {
        boolean fullNow = waiting.size() >= buffer;
        if (weight == told && fullNow == full) {
            return;
        }
        session.lock().lock();
        try {
            session.callbacks().keep(weight - told, (fullNow ? 1 : 0) - (full ? 1 : 0));
        } finally {
            session.loop().release();
        }
        told = weight;
        full = fullNow;
    }
}
