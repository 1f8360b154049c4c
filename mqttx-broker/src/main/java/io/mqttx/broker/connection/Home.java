package io.mqttx.broker.connection;

import io.mqttx.broker.session.SessionTable;
import io.mqttx.broker.will.Wills;

/**
 * Where the sessions of one loop live. On that loop.
 *
 * @param sessions theirs
 * @param wills    of clients that are gone
 * @param vigil    over clients that are there
 */
public record Home(SessionTable sessions, Wills wills, Vigil vigil) {

    /** With nobody there. */
    public Home(SessionTable sessions, Wills wills) {
        this(sessions, wills, new Vigil(sessions.loop()));
    }
}
