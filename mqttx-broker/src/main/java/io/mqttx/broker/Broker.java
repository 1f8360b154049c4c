package io.mqttx.broker;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.SessionInfo;
import io.mqttx.broker.api.SubscriptionInfo;
import io.mqttx.broker.connection.Acceptor;
import io.mqttx.broker.connection.Directory;
import io.mqttx.broker.connection.Home;
import io.mqttx.broker.connection.Homes;
import io.mqttx.broker.connection.Inheritance;
import io.mqttx.broker.connection.Services;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.limits.TopicLimits;
import io.mqttx.broker.metrics.BrokerMetrics;
import io.mqttx.broker.publish.PublishPipeline;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.session.SessionServices;
import io.mqttx.broker.session.SessionTable;
import io.mqttx.broker.session.Stored;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.spi.Transport;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.broker.storage.NoStorage;
import io.mqttx.broker.sys.Figures;
import io.mqttx.broker.sys.SysTopics;
import io.mqttx.broker.will.Wills;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A running broker. Every method may be called from any thread.
 *
 * <pre>{@code
 * Broker broker = Broker.builder()
 *         .transport(new NettyTransport())
 *         .handler(client -> BrokerHandler.allowAll())
 *         .listen(Listener.tcp("127.0.0.1", 1883))
 *         .start();
 * }</pre>
 */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private static final long GOODBYE_SECONDS = 5;

    private final Transport transport;
    private final Storage storage;
    private final List<Integer> ports = new ArrayList<>();
    private final BrokerMetrics metrics;
    private final PublishPipeline pipeline;
    private final TopicLimits limits;
    private final SubscriptionTree subscriptions;
    private final RetainedMessages retained;
    private final Homes homes;
    private final Directory directory;
    private final Figures figures;
    private final Acceptor acceptor;
    private final SysTopics sys;
    private final Journals journals;
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Broker(Builder plan) {
        BrokerOptions options = plan.options;
        transport = plan.transport;
        storage = plan.storage;
        List<Loop> loops = transport.loops();
        LongSupplier clock = loops.get(0)::now;

        HandlerFactory handlers = plan.executor
                .map(executor -> Acceptor.offLoop(plan.handlers, executor))
                .orElse(plan.handlers);
        metrics = new BrokerMetrics(plan.events);
        Clocks clocks = new Clocks(clock, plan.calendar);
        journals = new Journals(storage, clocks, loops);
        limits = new TopicLimits(options.maxTopicLevels());
        subscriptions = new SubscriptionTree(options.subscriptions().sharedStrategy(), plan.random);
        Router router = new Router(
                subscriptions,
                loops,
                options.subscriptions().overlapping(),
                options.queue().whenFull(),
                journals);
        retained = new RetainedMessages(options.maxRetained(), storage, clocks);
        pipeline = new PublishPipeline(options, limits, retained, router, metrics, journals);

        Stored stored = new Stored();
        SessionServices ofSessions = new SessionServices(
                subscriptions, router, options.queue(), options.subscriptions(), metrics, stored, journals);
        List<Home> all = new ArrayList<>();
        for (Loop loop : loops) {
            Wills wills = new Wills(loop, journals);
            SessionTable sessions = new SessionTable(loop, ofSessions, session -> {
                wills.sessionEnded(session.clientId());
                loop.execute(() -> tellOfEnd(handlers, session.clientId()));
            });
            all.add(new Home(sessions, wills));
        }
        homes = new Homes(all);
        directory = new Directory(homes);
        figures = new Figures(metrics, subscriptions, retained, stored, homes);
        Services services =
                new Services(options, handlers, metrics, limits, pipeline, retained, homes, journals, plan.random);
        acceptor = new Acceptor(services);
        sys = new SysTopics(figures, pipeline, loops.get(0), "MqttX " + version());

        try {
            restore(new Restore(journals, new Inheritance(services), retained));
            for (Listener listener : plan.listeners) {
                ports.add(transport.listen(listener, acceptor.at(listener, clock.getAsLong())));
            }
        } catch (RuntimeException e) {
            transport.close();
            storage.close();
            throw e;
        }
        if (!options.sysInterval().isZero()) {
            loops.get(0).execute(() -> sys.begin(options.sysInterval()));
        }
    }

    private void restore(Restore restore) {
        if (storage.keeps()) {
            storage.load(restore);
            restore.end();
            LOG.log(Level.INFO, "restored " + restore.summary());
        }
    }

    private static void tellOfEnd(HandlerFactory handlers, String clientId) {
        try {
            handlers.onSessionExpired(clientId);
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "the handlers failed at the end of the session of " + Quoted.of(clientId), e);
        }
    }

    /** Begins to describe a broker. */
    public static Builder builder() {
        return new Builder();
    }

    /** The version of this software, such as {@code 0.1.0}. */
    public static String version() {
        String version = Broker.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The port of each listener, in the order in which they were given. */
    public List<Integer> ports() {
        return List.copyOf(ports);
    }

    /**
     * Publishes a message as the application itself: no handler is asked. Packet identifier and DUP do not matter. When
     * this returns, the message is retained if it was to be, and on its way to everybody who subscribed; messages that one
     * thread publishes arrive in their order.
     *
     * @return {@code SUCCESS}; {@code NO_MATCHING_SUBSCRIBERS} if nobody gets it; {@code QUOTA_EXCEEDED} if there is no
     *     room for another retained message, or in any of the queues where {@link QueueOptions.WhenFull#REFUSE} is the
     *     policy; {@code TOPIC_NAME_INVALID} if the topic has too many levels
     */
    public ReasonCode publish(Publish message) {
        return limits.allows(message.topic())
                ? pipeline.route(new Message("", Message.Origin.BROKER, message))
                : ReasonCode.TOPIC_NAME_INVALID;
    }

    /**
     * The same; completes when what the broker promised to keep of the message cannot be lost any more: by then it is
     * in the queues of all sessions that outlive their connection, and retained. Without a storage that is at once.
     *
     * @return completes on any thread; fails if the broker is closed before that
     */
    public CompletionStage<ReasonCode> publishSafely(Publish message) {
        return limits.allows(message.topic())
                ? pipeline.routeSafely(new Message("", Message.Origin.BROKER, message))
                : CompletableFuture.completedStage(ReasonCode.TOPIC_NAME_INVALID);
    }

    /** The connection of this client, if it is there at the moment. */
    public Optional<Connection> connection(String clientId) {
        return directory.connection(clientId);
    }

    /**
     * Ends the connection of this client; its will is published, and its session lives on for as long as agreed.
     *
     * @param reason a code of DISCONNECT, which version 5 is told
     * @return whether it was there
     */
    public boolean disconnect(String clientId, ReasonCode reason) {
        Optional<Connection> found = connection(clientId);
        found.ifPresent(there -> there.disconnect(reason));
        return found.isPresent();
    }

    /**
     * Ends the session of this client with everything that belongs to it (§4.1). If the client is there, it is
     * disconnected with {@code ADMINISTRATIVE_ACTION} first. A will that has not been published yet is.
     *
     * @return completes with whether there was a session, once it is gone
     */
    public CompletionStage<Boolean> endSession(String clientId) {
        return directory.end(clientId);
    }

    /** The session of this client, if there is one. */
    public CompletionStage<Optional<SessionInfo>> session(String clientId) {
        return directory.ask(clientId, found -> found.map(Session::info));
    }

    /** The subscriptions of this client, in no order; none if it has no session. */
    public CompletionStage<List<SubscriptionInfo>> subscriptions(String clientId) {
        return directory.ask(
                clientId, found -> found.map(Session::subscriptions).orElse(List.of()));
    }

    /** Calls {@code visitor} with everybody who is there, on this thread. Who comes or goes meanwhile may be missed. */
    public void forEachConnection(Consumer<Connection> visitor) {
        directory.forEachConnection(visitor);
    }

    /**
     * Calls {@code visitor} with every session, whether its client is there or not, in no order. It is called on the
     * loops, one after the other and never two at once, between their other work: it returns at once. What changes
     * meanwhile may be missed.
     *
     * @return completes when all were visited, or with what {@code visitor} threw
     */
    public CompletionStage<Void> forEachSession(Consumer<SessionInfo> visitor) {
        return directory.walk(session -> {
            visitor.accept(session.info());
            return 0;
        });
    }

    /** The same for every subscription of every session. */
    public CompletionStage<Void> forEachSubscription(Consumer<SubscriptionInfo> visitor) {
        return directory.walk(session -> {
            List<SubscriptionInfo> all = session.subscriptions();
            all.forEach(visitor);
            return all.size();
        });
    }

    /** Calls {@code visitor} with each subscription to exactly this filter, on this thread, in no order. */
    public void forEachSubscription(TopicFilter filter, Consumer<SubscriptionInfo> visitor) {
        subscriptions.forEach(filter, visitor);
    }

    /**
     * Calls {@code visitor} with each retained message that {@code filter} matches, on this thread, in no order. What
     * the broker says of itself is found below {@code $SYS/#} only.
     */
    public void forEachRetained(TopicFilter filter, Consumer<Publish> visitor) {
        retained.match(filter, message -> visitor.accept(message.publish()));
    }

    /**
     * The broker in numbers, as they are about now, by the names of their topics below {@code $SYS/broker/}: what has
     * been counted since the start, and how much there is at the moment of clients, subscriptions, messages and heap.
     */
    public Map<String, Long> metrics() {
        return figures.now();
    }

    /** How and where state is kept, for people. */
    public String storageDescription() {
        return storage.description();
    }

    /** What moves the bytes, for people. */
    public String transportDescription() {
        return transport.description();
    }

    /**
     * Stops: no new connections, DISCONNECT with {@code SERVER_SHUTTING_DOWN} to every client, what was written is
     * sent, a few seconds at most.
     */
    @Override
    public void close() {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        transport.stopListening();
        CountDownLatch dismissed = new CountDownLatch(homes.all().size());
        for (Home home : homes.all()) {
            home.sessions().loop().execute(() -> {
                try {
                    journals.of(home.sessions().loop()).hurry();
                    acceptor.dismiss(home);
                } finally {
                    dismissed.countDown();
                }
            });
        }
        homes.all().get(0).sessions().loop().execute(sys::stop);
        try {
            dismissed.await(GOODBYE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // then without waiting
        }
        transport.close();
        storage.close();
    }

    /** Describes a broker step by step. Not safe for several threads at once. */
    public static final class Builder {
        private final List<Listener> listeners = new ArrayList<>();
        private Transport transport; // null until given
        private HandlerFactory handlers; // null until given
        private Storage storage = new NoStorage();
        private BrokerEvents events = BrokerEvents.NONE;
        private BrokerOptions options = BrokerOptions.defaults();
        private Optional<Executor> executor = Optional.empty();
        private RandomGenerator random = new SecureRandom();
        private InstantSource calendar = InstantSource.system();

        private Builder() {}

        /** What brings connections; needed. The broker closes it. */
        public Builder transport(Transport value) {
            this.transport = value;
            return this;
        }

        /** What decides about clients; needed, as the door has no default. */
        public Builder handler(HandlerFactory value) {
            this.handlers = value;
            return this;
        }

        /** Where clients come in; may be called several times. */
        public Builder listen(Listener value) {
            this.listeners.add(value);
            return this;
        }

        /** What keeps state; by default memory. The broker closes it. */
        public Builder storage(Storage value) {
            this.storage = value;
            return this;
        }

        /** Who watches; by default nobody. */
        public Builder events(BrokerEvents value) {
            this.events = value;
            return this;
        }

        /** How the broker behaves. */
        public Builder options(BrokerOptions value) {
            this.options = value;
            return this;
        }

        /**
         * Where the callbacks of handlers run, one at a time for each connection and in order; they may block there. A
         * thread for each task is what that wants: {@code Executors.newVirtualThreadPerTaskExecutor()} where there are
         * virtual threads. The broker does not shut it down. By default callbacks run on the loops, and must not block.
         */
        public Builder executor(Executor value) {
            this.executor = Optional.of(value);
            return this;
        }

        /** Where chance comes from; safe for all threads. By default a secure one. */
        public Builder random(RandomGenerator value) {
            this.random = value;
            return this;
        }

        /** What tells the time of day, which only what is kept depends on. By default the system's clock. */
        public Builder calendar(InstantSource value) {
            this.calendar = value;
            return this;
        }

        /**
         * Starts it.
         *
         * @throws java.io.UncheckedIOException if it cannot listen, with a sentence that says where and why
         */
        public Broker start() {
            Objects.requireNonNull(transport, "a broker needs a transport, such as NettyTransport");
            Objects.requireNonNull(handlers, "a broker needs a handler, which decides who may come in");
            return new Broker(this);
        }
    }
}
