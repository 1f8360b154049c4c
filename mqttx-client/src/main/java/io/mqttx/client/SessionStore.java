package io.mqttx.client;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where sessions outlive a client: what was sent and not answered, which QoS 2 messages were taken over (§4.1), and which
 * subscriptions the server has granted. A session is found by the configured client identifier, never by one that a server assigned.
 *
 * <p>A session in a store is of use only if the server keeps it as well: with {@code cleanStart(false)} and, in version 5,
 * a session expiry interval. If the server has lost it, the next client makes the stored subscriptions anew. Callbacks and
 * streams cannot be stored: until the application subscribes with them again, the messages go to
 * {@link ClientHandler#onMessage}.
 */
public interface SessionStore {
    /** Keeps nothing: a session lives as long as its {@link MqttClient}. */
    SessionStore NONE = clientId -> StoredSession.NONE;

    /**
     * Opens the session of this client, an empty one if there is none.
     *
     * @throws IOException if it cannot be read, or somebody else has it open
     */
    StoredSession open(String clientId) throws IOException;

    /** Keeps sessions as long as this object lives. Safe for all threads. */
    static SessionStore inMemory() {
        return new MemorySessionStore();
    }

    /**
     * Keeps sessions in files, which outlive the process however it ends. See {@link FileSessionStore}.
     *
     * @param directory made if it is not there
     */
    static SessionStore inFiles(Path directory) {
        return new FileSessionStore(directory);
    }
}
