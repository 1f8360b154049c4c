package io.mqttx.broker.connection;

import io.mqttx.broker.spi.Link;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/**
 * What comes in from one client, and waits while something is decided elsewhere: by a handler that answers later, or by
 * a move to another loop. On the link's loop.
 */
final class Intake {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Link link;
    private final Client client;
    private boolean awaiting;
    private long awaitingSince; // on the loops' clock
    private long deaf; // nanoseconds for which an open connection was not read: the client was not silent then
    private ByteBuffer heldBack = NOTHING; // what came before an await took effect
    private Optional<String> closedBehind = Optional.empty(); // the end of the link, when it came behind that

    Intake(Link link, Client client) {
        this.link = link;
        this.client = client;
    }

    /** Whether nothing is read now. */
    boolean isAwaiting() {
        return awaiting;
    }

    /** Whether the link is gone, although what came before is not read to its end. */
    boolean isClosedBehind() {
        return closedBehind.isPresent();
    }

    /** The loops' clock, less the time for which the client was not listened to. */
    long clock() {
        return link.loop().now() - deaf;
    }

    /** Bytes have come. */
    void received(ByteBuffer bytes) {
        if (!awaiting) {
            client.read(bytes);
        }
        if (awaiting && bytes.hasRemaining()) {
            holdBack(bytes);
        }
        bytes.position(bytes.limit()); // after the end, the rest means nothing
    }

    /** The link has closed; tells whether that has to wait for what came before, which may be a DISCONNECT. */
    boolean isToBeReadFirst(String detail) {
        if (awaiting && heldBack.hasRemaining()) {
            closedBehind = Optional.of(detail);
            return true;
        }
        return false;
    }

    /** Forgets what was held back; tells whether the link had closed behind it. */
    boolean end() {
        heldBack = NOTHING;
        boolean wasClosed = closedBehind.isPresent();
        closedBehind = Optional.empty();
        return wasClosed;
    }

    /**
     * Reads nothing until {@code stage} has completed, then calls {@code next} with its outcome on the link's loop, and
     * reads on. One at a time.
     */
    <T> void await(CompletionStage<T> stage, BiConsumer<T, Throwable> next) {
        stop();
        goOnAfter(stage, next);
    }

    /** Reads nothing from now on: {@link #goOnAfter} has to follow. */
    void stop() {
        awaiting = true;
        awaitingSince = link.loop().now();
        if (closedBehind.isEmpty()) {
            link.pause();
        }
    }

    /** Calls {@code next} when {@code stage} has completed, and reads on. */
    <T> void goOnAfter(CompletionStage<T> stage, BiConsumer<T, Throwable> next) {
        boolean open = client.connection().isOpen(); // before that, whoever decides spends the client's time
        stage.whenComplete((value, error) -> link.loop().execute(() -> {
            awaiting = false;
            deaf += open ? link.loop().now() - awaitingSince : 0;
            client.guarded(() -> next.accept(value, error));
            goOn();
        }));
    }

    /** Reads what was held back, then from the link again. */
    private void goOn() {
        if (!awaiting && !client.isOver()) {
            ByteBuffer bytes = heldBack;
            client.read(bytes);
            heldBack = bytes.hasRemaining() && !client.isOver() ? bytes : NOTHING;
        }
        if (awaiting) {
            return;
        }
        if (closedBehind.isPresent()) {
            String detail = closedBehind.get();
            closedBehind = Optional.empty();
            client.closed(detail);
        } else if (!client.isOver()) {
            if (client.connection().isOpen()) {
                client.watch();
            }
            link.resume();
        }
    }

    private void holdBack(ByteBuffer bytes) {
        ByteBuffer both = ByteBuffer.allocate(heldBack.remaining() + bytes.remaining());
        heldBack = both.put(heldBack).put(bytes).flip();
    }
}
