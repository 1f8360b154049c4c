package io.mqttx.broker;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.connection.Acceptor;
import io.mqttx.broker.connection.Home;
import io.mqttx.broker.connection.Homes;
import io.mqttx.broker.connection.Services;
import io.mqttx.broker.limits.TopicLimits;
import io.mqttx.broker.metrics.BrokerMetrics;
import io.mqttx.broker.publish.PublishPipeline;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.session.SessionTable;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.spi.Transport;
import io.mqttx.broker.storage.MemoryStorage;
import io.mqttx.broker.sys.SysTopics;
import io.mqttx.broker.will.Wills;
import io.mqttx.packet.Publish;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private static final long GOODBYE_SECONDS = 5;

    private final Transport transport;
    private final Storage storage;
    private final List<Integer> ports = new ArrayList<>();
    private final BrokerMetrics metrics;
    private final PublishPipeline pipeline;
    private final Homes homes;
    private final Acceptor acceptor;
    private final SysTopics sys;
    private final AtomicBoolean stopped = new AtomicBoolean();

    private Broker(Builder plan) {
        BrokerOptions options = plan.options;
        transport = plan.transport;
        storage = plan.storage;
        List<Loop> loops = transport.loops();
        LongSupplier clock = loops.get(0)::now;

        metrics = new BrokerMetrics(plan.events);
        TopicLimits limits = TopicLimits.defaults();
        SubscriptionTree subscriptions = new SubscriptionTree();
        RetainedMessages retained = new RetainedMessages(options.maxRetained(), storage, clock);
        storage.loadRetained(put -> retained.put(new SharedMessage("", put.message(), clock.getAsLong())));
        pipeline = new PublishPipeline(limits, retained, new Router(subscriptions, loops), metrics, clock);

        List<Home> all = new ArrayList<>();
        for (Loop loop : loops) {
            Wills wills = new Wills(loop);
            SessionTable sessions = new SessionTable(
                    loop, subscriptions, options.queue(), metrics, session -> wills.sessionEnded(session.clientId()));
            all.add(new Home(sessions, wills));
        }
        homes = new Homes(all);
        acceptor = new Acceptor(
                new Services(options, plan.handlers, metrics, limits, pipeline, retained, homes, plan.random));
        sys = new SysTopics(metrics, subscriptions, retained, pipeline, loops.get(0), "MqttX " + version());

        try {
            for (Listener listener : plan.listeners) {
                ports.add(transport.listen(listener, acceptor.at(listener, clock.getAsLong())));
            }
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
        if (!options.sysInterval().isZero()) {
            loops.get(0).execute(() -> sys.begin(options.sysInterval()));
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

    /** Publishes a message as the application itself: no handler is asked. Packet identifier and DUP do not matter. */
    public void publish(Publish message) {
        pipeline.route(new Message("", Message.Origin.BROKER, message));
    }

    /** All counters by name, as they are about now. */
    public Map<String, Long> counters() {
        return metrics.snapshot();
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
        private Storage storage = new MemoryStorage();
        private BrokerEvents events = BrokerEvents.NONE;
        private BrokerOptions options = BrokerOptions.defaults();
        private RandomGenerator random = new SecureRandom();

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

        /** Where chance comes from; safe for all threads. By default a secure one. */
        public Builder random(RandomGenerator value) {
            this.random = value;
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
