package io.mqttx.broker.connection;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A handler whose callbacks run on an executor, one at a time and in order, where they may block. To its connection it
 * is a handler that decides everything later. Called on the connection's loop.
 */
final class OffLoop implements BrokerHandler {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final HandlerFactory handlers;
    private final Connecting client;
    private final Executor executor;
    private BrokerHandler handler; // made by the first callback, used by callbacks alone
    private volatile boolean wantsDelivered; // known with the handler
    private CompletableFuture<?> last = CompletableFuture.completedFuture(null); // the callback that came last

    OffLoop(HandlerFactory handlers, Connecting client, Executor executor) {
        this.handlers = handlers;
        this.client = client;
        this.executor = executor;
    }

    /** A factory whose handlers, and which itself, run on this executor. */
    static HandlerFactory factory(HandlerFactory handlers, Executor executor) {
        return new HandlerFactory() {
            @Override
            public BrokerHandler create(Connecting client) {
                return new OffLoop(handlers, client, executor);
            }

            @Override
            public BrokerHandler restore(Connecting client) {
                return new OffLoop(restored(handlers), client, executor);
            }

            @Override
            public void onSessionExpired(String clientId) {
                executor.execute(() -> {
                    try {
                        handlers.onSessionExpired(clientId);
                    } catch (Throwable e) {
                        logIfFailed("onSessionExpired", clientId, e);
                    }
                });
            }
        };
    }

    private static HandlerFactory restored(HandlerFactory handlers) {
        return handlers::restore;
    }

    /** Whether no callback runs or waits. */
    boolean isIdle() {
        return last.isDone();
    }

    /** Completes when the callbacks that came until now are through. */
    CompletionStage<?> idle() {
        return last;
    }

    @Override
    public AuthDecision onAuth(AuthStep step) {
        return AuthDecision.later(ask(known -> known.onAuth(step)));
    }

    @Override
    public ConnectDecision onConnect(Connecting connecting) {
        return ConnectDecision.later(ask(known -> known.onConnect(connecting)));
    }

    @Override
    public void onConnected(Connection connection) {
        tell("onConnected", known -> known.onConnected(connection));
    }

    @Override
    public PublishDecision onPublish(Message message) {
        return PublishDecision.later(ask(known -> known.onPublish(message)));
    }

    @Override
    public void onDelivered(Publish message, ReasonCode reason) {
        if (wantsDelivered) {
            tell("onDelivered", known -> known.onDelivered(message, reason));
        }
    }

    @Override
    public SubscribeDecision onSubscribe(Subscription wanted) {
        return SubscribeDecision.later(ask(known -> known.onSubscribe(wanted)));
    }

    @Override
    public void onUnsubscribe(List<TopicFilter> filters) {
        tell("onUnsubscribe", known -> known.onUnsubscribe(filters));
    }

    @Override
    public void onInfo(Object info) {
        tell("onInfo", known -> known.onInfo(info));
    }

    @Override
    public void onDisconnect(DisconnectReason reason) {
        tell("onDisconnect", known -> known.onDisconnect(reason));
    }

    private <T> CompletionStage<T> ask(Function<BrokerHandler, T> question) {
        CompletableFuture<T> answer = last.handleAsync((before, error) -> question.apply(handler()), executor);
        last = answer;
        return answer;
    }

    private void tell(String what, Consumer<BrokerHandler> news) {
        ask(known -> {
                    news.accept(known);
                    return true;
                })
                .whenComplete((nothing, error) -> logIfFailed(what, client.clientId(), error));
    }

    private BrokerHandler handler() {
        if (handler == null) {
            handler = Objects.requireNonNull(handlers.create(client), "no handler");
            wantsDelivered = overridesOnDelivered(handler);
        }
        return handler;
    }

    /** Most handlers do not, and their clients need not wait for an executor with each PUBACK. */
    private static boolean overridesOnDelivered(BrokerHandler handler) {
        try {
            return handler.getClass()
                            .getMethod("onDelivered", Publish.class, ReasonCode.class)
                            .getDeclaringClass()
                    != BrokerHandler.class;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a handler without onDelivered", e);
        }
    }

    private static void logIfFailed(String what, String clientId, Throwable error) {
        if (error != null) {
            LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in " + what, error);
        }
    }
}
