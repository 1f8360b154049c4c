package io.mqttx.broker.session;

import io.mqttx.broker.api.BrokerEvents.DropCause;
import io.mqttx.broker.api.SessionInfo;
import io.mqttx.broker.api.SubscriptionInfo;
import io.mqttx.broker.routing.Grant;
import io.mqttx.broker.routing.Room;
import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.routing.Subscriber;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One client's state (§4.1): its subscriptions, the messages in flight in both directions, and those that wait. On its
 * loop, except where it says otherwise.
 */
public final class Session implements Subscriber, OfflineQueue.Dropped {
    /** A session that does not end by itself (§3.1.2.11.2). */
    public static final long FOR_EVER = 0xFFFF_FFFFL;

    private static final long READ_AGAIN = 1_000_000_000L; // nanoseconds until what could not be read is tried again

    private final String clientId;
    private final Loop loop;
    private final SessionServices services;
    private final Keeper keeper;
    private final Subscriptions subscriptions = new Subscriptions();
    private final OfflineQueue queue;
    private volatile Optional<Outlet> outlet = Optional.empty(); // read by any thread
    private Room room; // null until the first shared subscription
    private SessionFlows<Delivery> flows = new SessionFlows<>();
    private boolean draining; // inside of drain
    private boolean reading; // more of the queue
    private ShelfHandOver shelfHandOver; // null until it is needed
    private boolean ended;
    private long expirySeconds; // 0: ends with its connection

    Session(String clientId, Loop loop, SessionServices services) {
        this(clientId, loop, services, 0);
    }

    /** One that is kept under this key, of which the storage has the rest; or with 0, a new one. */
    Session(String clientId, Loop loop, SessionServices services, long key) {
        this.clientId = clientId;
        this.loop = loop;
        this.services = services;
        this.keeper =
                services.journals().keeps() ? new Keeper(clientId, services.journals(), loop, key) : Keeper.NOTHING;
        this.queue = new OfflineQueue(services.queue(), services.stored(), this);
    }

    @Override
    public void noRoom(Delivery delivery) {
        dropped(delivery, DropCause.QUEUE_FULL);
    }

    @Override
    public void noRoomOnShelf(long sequence) {
        keeper.dequeued(sequence);
        services.events().dropped(clientId, DropCause.QUEUE_FULL);
    }

    @Override
    public String clientId() {
        return clientId;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean mayAnswerSoon() {
        return outlet.isPresent() && queue.isEmpty();
    }

    @Override
    public Room room() {
        if (room == null) {
            room = new Room();
            outlet.ifPresent(way -> room.comes(way.maximumPacketSize(), way.version()));
            tellRoom();
        }
        return room;
    }

    /** The packet identifiers and messages in flight. */
    public SessionFlows<Delivery> flows() {
        return flows;
    }

    /** The way to the client, if it is connected. */
    public Optional<Outlet> outlet() {
        return outlet;
    }

    /** What a tool may want to know. */
    public SessionInfo info() {
        return new SessionInfo(
                clientId,
                outlet.isPresent(),
                expirySeconds,
                subscriptions.size(),
                queue.size(),
                queue.bytes(),
                flows.outbound().inFlight());
    }

    /** Its subscriptions, in no order. */
    public List<SubscriptionInfo> subscriptions() {
        List<SubscriptionInfo> all = new ArrayList<>(subscriptions.size());
        subscriptions.forEach((filter, grant) -> all.add(grant.describe(clientId, filter)));
        return all;
    }

    /** Seconds that it lives without a connection, or {@link #FOR_EVER}. */
    public long expirySeconds() {
        return expirySeconds;
    }

    /** Sets how many seconds it lives without a connection, or {@link #FOR_EVER}. */
    public void expiresAfter(long seconds) {
        this.expirySeconds = seconds;
    }

    @Override
    public long key() {
        return keeper.key();
    }

    /** Something changed of what is in flight. */
    public void changed(FlowChange<Delivery> change) {
        keeper.changed(change);
    }

    /**
     * Adds a subscription or replaces it [MQTT-3.8.4-3].
     *
     * @param identifier 1 to 268,435,455, or 0 for none
     * @return whether it is new
     */
    public boolean subscribe(Subscription subscription, int identifier) {
        Grant grant = grant(subscription, identifier);
        subscriptions.put(subscription.filter(), grant);
        boolean isNew = services.tree().subscribe(subscription.filter(), this, grant);
        keeper.subscribed(subscription, identifier);
        services.events().subscribed(clientId, subscription);
        return isNew;
    }

    private static Grant grant(Subscription subscription, int identifier) {
        return Grant.of(
                subscription.maximumQoS(), subscription.noLocal(), subscription.retainAsPublished(), identifier);
    }

    /** Ends a subscription; tells whether there was one [MQTT-3.10.4-1]. */
    public boolean unsubscribe(TopicFilter filter) {
        if (!subscriptions.remove(filter)) {
            return false;
        }
        services.tree().unsubscribe(filter, this);
        keeper.unsubscribed(filter);
        if (filter.isShared()) {
            handOver().unsent(Seat::isVacant, false); // those sent are brought to their end [MQTT-3.10.4-3]
            giveFromShelf(true);
        }
        services.events().unsubscribed(clientId, filter);
        return true;
    }

    @Override
    public boolean isFullFor(SharedMessage message, int before) {
        return (outlet.isEmpty() || queue.counted() + before > 0) && queue.isFullFor(message, before);
    }

    @Override
    public void missed(SharedMessage message) {
        services.events().dropped(clientId, message.publish(), DropCause.QUEUE_FULL);
    }

    /** Whether it may have this subscription besides those that it has. */
    public boolean maySubscribe(TopicFilter filter) {
        return subscriptions.size() < services.subscriptions().maxPerClient() || subscriptions.has(filter);
    }

    /** Takes a message from the router. */
    @Override
    public void deliver(SharedMessage message, Grant grant, long sequence) {
        if (grant.seat().isShared()) {
            room.arrived();
            if (isForAnother(message, grant.seat(), sequence)) {
                keeper.dequeued(sequence);
                return;
            }
        }
        if (ended) {
            return; // it was on its way meanwhile
        }
        boolean retain = grant.retainAsPublished() && message.publish().retain(); // [MQTT-3.3.1-12] [MQTT-3.3.1-13]
        QoS qos = message.publish().qos().atMost(grant.maximumQoS()); // [MQTT-3.8.4-8]
        Delivery delivery = new Delivery(message, qos, retain, true, grant.identifiers(), grant.seat(), sequence);
        if (message.isExpired(loop)) {
            expired(delivery); // on its way from another loop, or while the storage was slow
        } else {
            deliver(delivery);
        }
        tellRoom();
    }

    /** Takes a retained message, because of a new subscription: RETAIN stays set (§3.3.1.3). */
    public void deliverRetained(SharedMessage message, QoS maximumQoS, int identifier) {
        Grant grant = Grant.of(maximumQoS, false, true, identifier);
        QoS qos = message.publish().qos().atMost(maximumQoS);
        Delivery delivery = keeper.queued(new Delivery(message, qos, true, false, grant.identifiers(), Seat.NONE, 0));
        if (outlet.isPresent() && queue.isEmpty() && maySend(delivery)) {
            send(delivery);
        } else if (outlet.isPresent() || qos != QoS.AT_MOST_ONCE) {
            queue.add(delivery); // a client that asks for 100,000 of them gets all, at its own pace
        }
        tellRoom();
    }

    /** A message turned out to be larger than the client takes: dropped, or somebody else's [MQTT-3.1.2-25]. */
    public void tooLarge(Delivery delivery) {
        Seat seat = delivery.seat();
        if (!seat.isShared() || !passOn(delivery.message(), seat, delivery.sequence(), true)) {
            dropped(delivery, DropCause.TOO_LARGE);
        }
    }

    /** A message expired before it could be sent: nobody gets it [MQTT-3.3.2-5]. */
    public void expired(Delivery delivery) {
        dropped(delivery, DropCause.EXPIRED);
    }

    /**
     * The client is there: messages leave by {@code way} from now on.
     *
     * @param expiry seconds that the session is to live after that, or {@link #FOR_EVER}
     */
    public void attach(Outlet way, long expiry) {
        outlet = Optional.of(way);
        queue.fetched(true);
        expirySeconds = expiry;
        keeper.connected(expiry);
    }

    /** CONNACK is on its way: what waits may follow. */
    public void begin() {
        outlet.filter(way -> room != null).ifPresent(way -> room.comes(way.maximumPacketSize(), way.version()));
        drain();
    }

    /** The client is gone. */
    public void detach() {
        outlet = Optional.empty();
        queue.fetched(false);
        queue.dropAtMostOnce();
        flows.trim();
        if (room != null) {
            room.leaves();
            handOver().unsent(Seat::isAnybodyOnline, true);
            if (services.subscriptions().passOnWhenLost()) {
                handOver().unanswered(flows);
            }
            giveFromShelf(false);
        }
    }

    /** It had this subscription. */
    public void restore(Kept.Subscribed kept) {
        Subscription subscription = kept.subscription();
        Grant grant = grant(subscription, kept.identifier());
        subscriptions.put(subscription.filter(), grant);
        services.tree().subscribe(subscription.filter(), this, grant);
    }

    /** This is in its queue. */
    public void restoreQueued(long sequence, boolean counted, boolean shared, int bytes) {
        queue.restore(sequence, counted, shared, bytes);
    }

    /** This is in flight; what comes of it is to be told by {@link #restore(FlowSnapshot)}. */
    public Delivery restoreSent(int packetId, Kept.Entry entry) {
        keeper.restored(packetId, entry.sequence());
        return restored(entry);
    }

    /** This is what was in flight. */
    public void restore(FlowSnapshot<Delivery> kept) {
        flows = SessionFlows.restore(kept);
    }

    /** The client is gone, and the session goes on without it. */
    void liesFallow() {
        keeper.disconnected(expirySeconds);
    }

    /** Sends messages that wait, as many as may be in flight: to be called whenever that may have become more. */
    public void drain() {
        if (draining) {
            return; // from inside of the loop below, which goes on by itself
        }
        draining = true;
        try {
            outlet.ifPresent(way -> flows.outbound().goOn(way)); // what was sent before comes first
            while (outlet.isPresent() && queue.peek().filter(this::maySend).isPresent()) {
                queue.poll().ifPresent(this::sendQueued);
            }
        } finally {
            draining = false;
        }
        readOn();
        tellRoom();
    }

    /** Has more of the queue read, if little is at hand. */
    private void readOn() {
        if (reading || outlet.isEmpty() || isGivingFromShelf()) {
            return;
        }
        long[] wanted = queue.toRead();
        if (wanted.length > 0) {
            reading = true;
            keeper.read(wanted, this::haveRead);
        }
    }

    private void haveRead(long[] wanted, Optional<List<Kept.Entry>> found) {
        reading = false;
        if (outlet.isEmpty() || isGivingFromShelf()) {
            return; // it stays where it is until it is wanted again
        }
        if (found.isPresent()) {
            Map<Long, Delivery> deliveries = new HashMap<>();
            found.get().forEach(entry -> deliveries.put(entry.sequence(), restored(entry)));
            queue.read(wanted, deliveries);
            drain();
        } else {
            reading = true;
            loop.schedule(this::readAgain, READ_AGAIN);
        }
    }

    private void readAgain() {
        reading = false;
        readOn();
    }

    private boolean isGivingFromShelf() {
        return shelfHandOver != null && shelfHandOver.isGiving();
    }

    /** Has others get the messages of shared subscriptions that only the storage has. */
    private void giveFromShelf(boolean hasLeft) {
        if (!queue.hasSharedOnShelf()) {
            return;
        }
        if (shelfHandOver == null) {
            shelfHandOver = new ShelfHandOver(this, services, queue, keeper);
        }
        shelfHandOver.begin(hasLeft);
    }

    /** Others have got what they were to get, as far as there are any. */
    void gaveFromShelf() {
        if (ended) {
            endsForGood();
        } else {
            drain();
        }
    }

    /** Whether another member of its shared subscriptions should have what waits for a client that is away. */
    boolean isAnybodyElseThere() {
        return outlet.isEmpty() && room != null && room.isAnybodyOnline();
    }

    boolean hasEnded() {
        return ended;
    }

    private Delivery restored(Kept.Entry entry) {
        String share = entry.terms().share();
        Seat seat = share.isEmpty() ? Seat.NONE : services.tree().seat(TopicFilter.of(share), this);
        return keeper.restored(entry, seat);
    }

    /** The end: nobody delivers to it any more. */
    void end() {
        subscriptions.forEach((filter, grant) -> services.tree().unsubscribe(filter, this));
        subscriptions.clear();
        if (room != null) {
            handOver().unanswered(flows);
            handOver().unsent(Seat::isVacant, false);
        }
        ended = true;
        if (queue.hasSharedOnShelf()) {
            queue.take(any -> true);
            keeper.ending();
            giveFromShelf(true);
        } else {
            endsForGood();
        }
    }

    private void endsForGood() {
        queue.clear();
        keeper.ended();
    }

    /** Whether a message of a shared subscription came too late: the client has left the group, or is away. */
    private boolean isForAnother(SharedMessage message, Seat seat, long sequence) {
        if (seat.isVacant()) {
            passOn(message, seat, sequence, false);
            return true; // with its last member, a shared subscription ends and so does what waited for it (§4.8.2)
        }
        return outlet.isEmpty() && seat.isAnybodyOnline() && passOn(message, seat, sequence, true);
    }

    private boolean passOn(SharedMessage message, Seat seat, long sequence, boolean onlyOnline) {
        keeper.leaves(sequence);
        return services.router().passOn(message, seat, onlyOnline);
    }

    private HandOver handOver() {
        return new HandOver(services.router(), queue, keeper, loop, this::dropped);
    }

    /** Tells the publishers to shared subscriptions how much the client can take. */
    private void tellRoom() {
        if (room == null) {
            return;
        }
        boolean free = outlet.isPresent()
                && queue.isEmpty()
                && flows.outbound().canSend()
                && !outlet.get().isCongested();
        room.has(free ? flows.outbound().quota() : 0, flows.outbound().inFlight() + queue.size());
    }

    private void deliver(Delivery unnumbered) {
        Delivery delivery = keeper.queued(unnumbered);
        if (delivery.qos() == QoS.AT_MOST_ONCE) {
            sendAtMostOnce(delivery);
        } else if (outlet.isPresent() && queue.isEmpty() && maySend(delivery)) {
            send(delivery);
        } else {
            queue.add(delivery);
        }
    }

    private void sendAtMostOnce(Delivery delivery) {
        if (outlet.isEmpty()) {
            return; // QoS 0 does not wait for a client that is away (§4.1)
        }
        if (queue.holdsAtMostOnce()) {
            queue.add(delivery); // behind the retained messages, which it must not overtake
        } else if (outlet.get().isCongested()) {
            dropped(delivery, DropCause.SLOW_CLIENT);
        } else {
            send(delivery);
        }
    }

    private void sendQueued(Delivery delivery) {
        if (delivery.message().isExpired(loop)) {
            expired(delivery);
        } else {
            send(delivery);
        }
    }

    private void send(Delivery delivery) {
        if (delivery.qos() == QoS.AT_MOST_ONCE) {
            outlet.get().sendMessage(delivery, QoS.AT_MOST_ONCE, 0, false);
        } else {
            flows.outbound().publish(delivery, delivery.qos(), outlet.get());
        }
    }

    /** QoS 0 needs no place in the client's window [MQTT-4.9.0-3]. */
    private boolean maySend(Delivery delivery) {
        boolean place = delivery.qos() == QoS.AT_MOST_ONCE || flows.outbound().canSend();
        return place && !outlet.get().isCongested();
    }

    private void dropped(Delivery delivery, DropCause cause) {
        keeper.dequeued(delivery.sequence());
        services.events().dropped(clientId, delivery.message().publish(), cause);
    }
}
