package io.mqttx.client.link;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream of bytes to a server and one back.
 *
 * <p>One thread opens and reads, one thread at a time writes, both may do so at once, and any thread may close. All
 * calls but {@link #close} block. There are no timeouts: who has waited long enough closes the link, which ends the
 * calls under way with an {@link IOException}.
 */
public interface Link extends Closeable {

    /**
     * Connects. Called once, before anything else but {@link #close}.
     *
     * @throws IOException if nobody answers, or the link was closed meanwhile
     */
    void open() throws IOException;

    /**
     * Waits for bytes.
     *
     * @param into takes what has arrived, from its beginning on
     * @return how many bytes there are, at least 1, or -1 if the server will send no more
     * @throws IOException if the connection broke, or the link was closed
     */
    int read(byte[] into) throws IOException;

    /**
     * Writes what remains in {@code bytes}, and returns when the layer below has taken all of it.
     *
     * @param bytes backed by an array
     * @throws IOException if the connection broke, or the link was closed
     */
    void write(ByteBuffer bytes) throws IOException;

    /**
     * Says that nothing more will be written. What was written still arrives, and the server's bytes can be read to
     * their end: a {@link #close} right after a write may make both be lost.
     *
     * @throws IOException if the connection broke, or the link was closed
     */
    void finish() throws IOException;

    /** Closes at once, also while other threads open, read or write, and never waits for them. Again: nothing. */
    @Override
    void close();
}
