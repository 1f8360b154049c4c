package io.mqttx.broker.session;

import io.mqttx.broker.api.BrokerEvents.DropCause;
import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.spi.Kept;
import io.mqttx.topic.TopicFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives messages of shared subscriptions that only the storage has to other members (§4.8.2), page by page: the next is
 * read when it is safe that the one before has new owners. That a message has a new owner and that the old one has it no
 * more is one change of the storage. On the session's loop.
 */
final class ShelfHandOver {
    private static final int PAGE = 64; // messages
    private static final long PAGE_BYTES = 1 << 20;
    private static final long READ_AGAIN = 1_000_000_000L; // nanoseconds

    private final Session session;
    private final SessionServices services;
    private final OfflineQueue queue;
    private final Keeper keeper;
    private boolean giving;
    private boolean again; // from the first message
    private boolean futile; // nobody took any of the page before
    private boolean hasLeft; // a shared subscription, or all; otherwise it is away

    ShelfHandOver(Session session, SessionServices services, OfflineQueue queue, Keeper keeper) {
        this.session = session;
        this.services = services;
        this.queue = queue;
        this.keeper = keeper;
    }

    /** Whether it looks through the shelf; nobody else may take from there meanwhile, but from the front. */
    boolean isGiving() {
        return giving;
    }

    /**
     * Gives away what others should have now.
     *
     * @param left whether it is because the session is no member any more; if not, the client is away
     */
    void begin(boolean left) {
        hasLeft |= left;
        again = true;
        if (!giving) {
            giving = true;
            next();
        }
    }

    private void next() {
        if (again) {
            again = false;
            futile = false;
            queue.lookAgain();
        }
        long[] page = isOfUse() ? queue.nextShared(PAGE, PAGE_BYTES) : new long[0];
        if (page.length > 0) {
            keeper.read(page, this::haveRead);
            return;
        }
        queue.lookAgain();
        giving = false;
        hasLeft = false;
        session.gaveFromShelf();
    }

    private boolean isOfUse() {
        return hasLeft || !futile && session.isAnybodyElseThere();
    }

    private void haveRead(long[] asked, Optional<List<Kept.Entry>> found) {
        if (again) {
            next();
            return;
        }
        if (found.isEmpty()) {
            session.loop().schedule(this::next, READ_AGAIN);
            return;
        }
        Set<Long> leaving = new HashSet<>();
        for (long sequence : asked) {
            leaving.add(sequence); // also what is not there
        }
        for (Kept.Entry entry : found.get()) {
            if (leaves(entry)) {
                keeper.dequeued(entry.sequence());
            } else {
                leaving.remove(entry.sequence());
            }
        }
        queue.settle(leaving);
        futile = leaving.isEmpty();
        keeper.whenSafe(this::next);
    }

    /** Whether somebody else has it now, or nobody is to have it. */
    private boolean leaves(Kept.Entry entry) {
        TopicFilter share = TopicFilter.of(entry.terms().share());
        Seat seat = session.hasEnded() ? Seat.NONE : services.tree().seat(share, session);
        if (seat.isShared() && !session.isAnybodyElseThere()) {
            return false;
        }
        SharedMessage message =
                SharedMessage.restored(entry.message(), services.journals().clocks());
        if (message.isExpired(session.loop())) {
            services.events().dropped(session.clientId(), message.publish(), DropCause.EXPIRED);
            return true;
        }
        keeper.leaves(entry.sequence());
        if (seat.isShared()) {
            return services.router().passOn(message, seat, true);
        }
        services.router().passOn(message, share); // with its last member, what waited for it ends too (§4.8.2)
        return true;
    }
}
