package io.mqttx.broker.spi;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One transport connection: bytes in and out, in order. Every method is called on the link's loop, unless it says
 * otherwise.
 *
 * <p>Bytes are written straight into a buffer that the link lends:
 *
 * <pre>{@code
 * ByteBuffer out = link.reserve(size);
 * encoder.encode(packet, out);
 * link.commit();
 * }</pre>
 *
 * <p>What was committed is sent at the end of the loop's turn, all of it with one flush.
 */
public interface Link {

    /** The loop that this link belongs to. */
    Loop loop();

    /**
     * Goes over to another loop, and so does whatever it calls from then on. Nothing is received meanwhile.
     *
     * @return completes on the new loop
     */
    CompletionStage<Void> moveTo(Loop loop);

    /** Room for {@code size} bytes or more, at the buffer's position; good until {@link #commit}. */
    ByteBuffer reserve(int size);

    /** The buffer that was reserved has been written up to its position: send that. */
    void commit();

    /** Bytes that were committed and are not yet taken by the peer's side of the network. */
    long unsent();

    /** Stops calling {@link Receiver#received}, once the bytes at hand are through. */
    void pause();

    /** Goes on calling it. */
    void resume();

    /** Sends what was committed, then closes; {@link Receiver#closed} follows. Harmless if closed already. */
    void close();

    /** Closes at once, with whatever was not yet sent; {@link Receiver#closed} follows. Harmless if closed already. */
    void abort();

    /**
     * Where the peer is, as text: {@code 192.0.2.1:50000}, {@code [2001:db8::1]:50000}, or {@code unix socket}. From any
     * thread.
     */
    String remoteAddress();

    /** The certificate that the peer showed and those that lead to its authority; none without TLS. */
    List<X509Certificate> peerCertificates();

    /** Whom a link calls, on its loop. */
    interface Receiver {

        /** Bytes have come. The buffer is the link's again afterwards: all of it has to be taken. */
        void received(ByteBuffer bytes);

        /** What was unsent has gone far enough down that more may be written. */
        void drained();

        /**
         * The connection is gone; the last call.
         *
         * @param detail what happened, for people; empty if the peer simply closed
         */
        void closed(String detail);
    }
}
