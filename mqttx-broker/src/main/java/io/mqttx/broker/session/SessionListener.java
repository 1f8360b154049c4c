package io.mqttx.broker.session;

/** Who wants to know when a session is over. On the session's loop. */
@FunctionalInterface
public interface SessionListener {

    /** It ended: by time, by a clean start, or with its connection. */
    void ended(Session session);
}
