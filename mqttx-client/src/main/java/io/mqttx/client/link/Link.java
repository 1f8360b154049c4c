package io.mqttx.client.link;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream of bytes to a server and one back.
 *
 * <p>One thread at a time opens and reads, one at a time writes, both may do so at once, and any thread may close. All
 * calls but {@link #close} block. There are no timeouts: who has waited long enough closes the link, which ends the
 * calls under way with an {@link IOException}.
 */
public interface Link extends Closeable {
    /** What {@link #read} returns when it was {@linkplain #wakeUp woken}. */
    int WOKEN = -2;

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
     * @return how many bytes there are; -1 if the server will send no more; 0 if it has been silent for so long that
     *     the thread had better do something else (half a second, and less where many clients are at work);
     *     {@link #WOKEN}
     * @throws IOException if the connection broke, or the link was closed
     */
    int read(byte[] into) throws IOException;

    /**
     * Lets who waits in {@link #read} return from there, or who is about to. Any thread may call this.
     *
     * @return false if nobody waits, or not in a way that can be ended at once: nothing was done
     */
    boolean wakeUp();

    /**
     * After a {@link #read} that returned 0: lets the reader's thread go until there is something to read.
     *
     * @param action runs once, when another {@link #read} makes sense or the link is closed, maybe before this returns;
     *     must not wait for anything, and lets another thread read
     */
    void whenReadable(Runnable action);

    /**
     * Writes what remains in {@code bytes}, and returns when the layer below has taken all of it. Where their position is
     * then is not said.
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
