package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.testkit.SimulatedNetwork;
import io.mqttx.testkit.SimulatedSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Random;

/** A client's way to a broker over a {@link SimulatedNetwork}, which breaks after so many bytes, perhaps unnoticed. */
final class SimulatedRoute implements Link, SimulatedSocket.Receiver {
    private static final long SILENCE = 500_000_000; // nanoseconds, as on a socket

    /** How it breaks. */
    private enum End {
        CUT, // with all that is on its way
        CLOSED, // what is on its way arrives
        UNNOTICED // until somebody misses an answer
    }

    private final SimulatedMachine machine;
    private final SimulatedNetwork network;
    private final String name;
    private final End end;
    private final SimulatedMachine.Bell reader;
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private Optional<SimulatedSocket> socket = Optional.empty();
    private Optional<Runnable> whenReadable = Optional.empty();
    private long left; // bytes, both ways, until it breaks
    private final boolean wakes; // who reads can be woken, as on a platform thread
    private boolean waits; // who reads, since it was silent last
    private boolean woken;
    private boolean mute; // nothing goes through, and nobody notices
    private boolean ended; // by the broker
    private boolean broken;

    SimulatedRoute(SimulatedMachine machine, SimulatedNetwork network, String name, Random random, boolean breaks) {
        this.machine = machine;
        this.network = network;
        this.name = name;
        this.reader = machine.new Bell();
        this.left = breaks ? random.nextInt(3000) : Long.MAX_VALUE;
        this.end = End.values()[random.nextInt(End.values().length)];
        this.wakes = random.nextBoolean();
    }

    @Override
    public void open() throws IOException {
        machine.yieldTurn();
        if (broken) {
            throw new IOException("closed");
        }
        try {
            socket = Optional.of(network.connect(this));
            machine.tell(name + " connects");
        } catch (IllegalStateException e) {
            machine.tell(name + " finds nobody");
            throw new IOException("nobody listens", e);
        }
    }

    @Override
    public int read(byte[] into) throws IOException {
        if (!isReadable() && !woken) {
            waits = wakes;
            reader.await(SILENCE);
        }
        if (woken) {
            woken = false;
            return WOKEN;
        }
        if (!isReadable()) {
            waits = false;
            return 0;
        }
        byte[] next = arrived.poll();
        if (next == null) {
            if (broken) {
                throw new IOException("the network broke");
            }
            return -1;
        }
        int size = Math.min(next.length, into.length);
        System.arraycopy(next, 0, into, 0, size);
        if (size < next.length) {
            arrived.addFirst(java.util.Arrays.copyOfRange(next, size, next.length));
        }
        return size;
    }

    @Override
    public boolean wakeUp() {
        if (waits && !broken) {
            woken = true;
            reader.ring();
        }
        return woken;
    }

    @Override
    public void whenReadable(Runnable action) {
        whenReadable = Optional.of(action);
        if (isReadable()) {
            becameReadable();
        }
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        machine.yieldTurn();
        requireWhole();
        byte[] through = new byte[spend(bytes.remaining())];
        bytes.get(through);
        machine.tell(name + " sends " + through.length);
        socket.orElseThrow().send(through);
        if (left == 0) {
            breakNow();
            requireWhole();
        }
    }

    @Override
    public void finish() {
        machine.tell(name + " finishes");
        socket.filter(known -> !known.isGone()).ifPresent(SimulatedSocket::close);
        ended = true;
        becameReadable();
    }

    @Override
    public void close() {
        if (!broken) {
            machine.tell(name + " closes");
            broken = true;
            socket.filter(known -> !known.isGone()).ifPresent(SimulatedSocket::cut);
            becameReadable();
        }
    }

    /** The broker is gone. */
    void lost() {
        broken = true;
        becameReadable();
    }

    @Override
    public void received(ByteBuffer bytes) {
        byte[] through = new byte[spend(bytes.remaining())];
        bytes.get(through);
        machine.tell(name + " gets " + through.length);
        if (through.length > 0) {
            arrived.add(through);
            becameReadable();
        }
        if (left == 0) {
            breakNow();
        }
    }

    @Override
    public void closed() {
        machine.tell(name + " was closed");
        ended = true;
        becameReadable();
    }

    private void requireWhole() throws IOException {
        if (broken || ended) {
            throw new IOException("the network broke");
        }
    }

    private boolean isReadable() {
        return broken || ended || !arrived.isEmpty();
    }

    private void becameReadable() {
        reader.ring();
        Optional<Runnable> action = whenReadable;
        whenReadable = Optional.empty();
        action.ifPresent(Runnable::run);
    }

    /** How many of these bytes still get through. */
    private int spend(int wanted) {
        int through = (int) Math.min(left, wanted);
        left -= left == Long.MAX_VALUE ? 0 : through;
        return mute ? 0 : through;
    }

    private void breakNow() {
        if (mute || broken) {
            return;
        }
        machine.tell(name + " breaks: " + end);
        switch (end) {
            case CUT -> socket.orElseThrow().cut();
            case CLOSED -> socket.orElseThrow().close();
            case UNNOTICED -> mute = true;
        }
        if (!mute) {
            broken = true;
            becameReadable();
        }
    }
}
