package io.mqttx.client.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting, and not waiting any more; the rest of it stands in the tests of the client. */
@Timeout(60)
class TcpLinkTest {
    private final byte[] bytes = new byte[100];

    private ServerSocket listener;
    private TcpLink link;
    private Socket server;

    @BeforeEach
    void connect() throws Exception {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws Exception {
        link.close();
        server.close();
        listener.close();
    }

    private void connect(boolean virtual) throws Exception {
        link = new TcpLink(
                listener.getInetAddress().getHostAddress(),
                listener.getLocalPort(),
                TimeUnit.SECONDS.toNanos(10),
                () -> virtual);
        link.open();
        server = listener.accept();
    }

    private CompletableFuture<Integer> read() {
        return Background.call(() -> link.read(bytes));
    }

    @Test
    void whoWaitsIsWokenAndReadsOn() throws Exception {
        connect(false);
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Integer> woken = read();
            Background.until(link::wakeUp);
            assertEquals(Link.WOKEN, Background.await(woken));

            CompletableFuture<Integer> waits = read();
            server.getOutputStream().write(new byte[] {1, 2, 3});
            assertEquals(3, Background.await(waits));
        }
    }

    @Test
    void whoIsWokenTwiceReturnsOnceAndReadsWhatHasComeMeanwhile() throws Exception {
        connect(false);
        CompletableFuture<Integer> first = read();
        Background.until(link::wakeUp);
        assertEquals(Link.WOKEN, Background.await(first));
        server.getOutputStream().write(1);

        assertTrue(link.wakeUp()); // before anybody reads
        assertTrue(link.wakeUp());

        assertEquals(Link.WOKEN, Background.await(read()));
        assertEquals(1, Background.await(read()));
    }

    @Test
    void afterASilenceThereIsNobodyToWake() throws Exception {
        connect(false);
        assertEquals(0, Background.await(read()));

        assertFalse(link.wakeUp());
        link.close();
        assertFalse(link.wakeUp());
    }

    @Test
    void aVirtualThreadIsNotWoken() throws Exception {
        connect(true);
        CompletableFuture<Integer> waits = read();

        assertFalse(link.wakeUp());

        server.getOutputStream().write(1);
        assertEquals(1, Background.await(waits));
    }
}
