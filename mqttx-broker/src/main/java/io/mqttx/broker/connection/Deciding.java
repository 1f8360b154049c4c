package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.storage.Journal;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.Executor;

/** What becomes of the messages of one client: its handler says, the pipeline does. On the session's loop. */
final class Deciding {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Services services;
    private final String clientId;
    private final BrokerHandler handler;

    Deciding(Services services, String clientId, BrokerHandler handler) {
        this.services = services;
        this.clientId = clientId;
        this.handler = handler;
    }

    PublishDecision decide(Message message) {
        try {
            return orRefusal(services.pipeline().decide(handler, message), null);
        } catch (Throwable e) {
            return orRefusal(null, e);
        }
    }

    PublishDecision orRefusal(PublishDecision decision, Throwable error) {
        if (error == null && decision != null) {
            return decision;
        }
        LOG.log(
                Level.ERROR,
                "the handler of client " + Quoted.of(clientId) + " failed in onPublish",
                error == null ? new IllegalStateException("no decision") : error);
        return PublishDecision.refuse(ReasonCode.UNSPECIFIED_ERROR);
    }

    ReasonCode carryOut(PublishDecision decision, Message message, long waited) {
        try {
            return services.pipeline().carryOut(decision, message, waited);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a message of client " + Quoted.of(clientId) + " could not be routed", e);
            return ReasonCode.UNSPECIFIED_ERROR;
        }
    }

    /**
     * A will takes the same way as any message: it is no way round the handler.
     *
     * @param done called on the loop when it is on its way, or refused
     */
    void publishWill(Publish due, Executor loop, Runnable done) {
        Message message = new Message(clientId, Message.Origin.WILL, due);
        willDecided(decide(message), message, loop, done);
    }

    private void willDecided(PublishDecision decision, Message message, Executor loop, Runnable done) {
        if (decision instanceof PublishDecision.Later later) { // the client is gone, and its link with it
            later.stage()
                    .whenComplete((value, error) ->
                            loop.execute(() -> willDecided(orRefusal(value, error), message, loop, done)));
        } else {
            ReasonCode reason = carryOut(decision, message, 0);
            boolean full = reason == ReasonCode.QUOTA_EXCEEDED && !(decision instanceof PublishDecision.Refuse);
            if (full && services.journals().trouble().isPresent()) {
                Journal journal = services.journals().here(); // nobody is there to be told: it waits for the disk
                journal.follow();
                journal.whenSafe(journal.filling(), () -> willDecided(decision, message, loop, done));
            } else {
                done.run();
            }
        }
    }
}
