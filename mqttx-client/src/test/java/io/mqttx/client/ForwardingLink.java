package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.client.link.TcpLink;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A TCP connection, for tests to put something between. */
class ForwardingLink implements Link {
    private final TcpLink tcp;

    ForwardingLink(ClientOptions options) {
        this.tcp = new TcpLink(options.host(), options.port(), 10_000_000_000L, () -> false);
    }

    @Override
    public void open() throws IOException {
        tcp.open();
    }

    @Override
    public int read(byte[] into) throws IOException {
        return tcp.read(into);
    }

    @Override
    public boolean wakeUp() {
        return tcp.wakeUp();
    }

    @Override
    public void whenReadable(Runnable action) {
        tcp.whenReadable(action);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        tcp.write(bytes);
    }

    @Override
    public void finish() throws IOException {
        tcp.finish();
    }

    @Override
    public void close() {
        tcp.close();
    }
}
