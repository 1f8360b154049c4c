package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowReplay;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.topic.TopicFilter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A session in a file, see {@link FileSessionStore} and {@link SessionLog}. Changes are collected in memory and written
 * by {@link #sync}, all at once, with one force for all.
 */
final class FileSession implements StoredSession {
    private static final System.Logger LOG = System.getLogger(FileSession.class.getName());
    private static final int SMALL = 256 << 10; // bytes up to which a file is not worth writing anew

    private final Path file;
    private final Path next; // becomes the file when it is whole
    private final FileChannel lockFile;

    private final ReentrantLock writing = new ReentrantLock(); // guards the next three; taken before the other lock
    private FileChannel out;
    private long tooLarge; // bytes at which the file is written anew
    private boolean broken; // what was written last may not be there: the file is to be written anew

    private final ReentrantLock lock = new ReentrantLock(); // guards the rest; held for moments only
    private FlowReplay<Publish> replay;
    private final Map<TopicFilter, StoredSubscription> subscriptions = new LinkedHashMap<>();
    private ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private boolean urgent; // some of it has to be on disk before anything leaves
    private boolean closed;

    private FileSession(Path file, Path next, FileChannel lockFile, SessionLog.Contents contents) {
        this.file = file;
        this.next = next;
        this.lockFile = lockFile;
        this.replay = new FlowReplay<>(contents.flows());
        contents.subscriptions()
                .forEach(granted -> subscriptions.put(granted.subscription().filter(), granted));
    }

    static FileSession open(Path directory, String name) throws IOException {
        FileChannel lockFile = lock(directory.resolve(name + ".lock"));
        try {
            Path file = directory.resolve(name + ".session");
            byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            if (!SessionLog.isOurs(bytes)) {
                throw new IOException(file + " is no session file, or one of a later version");
            }
            SessionLog.Contents contents = SessionLog.read(bytes);
            if (contents.length() < bytes.length) {
                LOG.log(
                        Level.WARNING,
                        "the last {0} of {1} bytes of {2} were not written to their end, and are cut off",
                        bytes.length - contents.length(),
                        bytes.length,
                        file);
            }
            FileSession session = new FileSession(file, directory.resolve(name + ".next"), lockFile, contents);
            session.writeAnew(SessionLog.beginningWith(
                    contents.flows(), contents.subscriptions())); // also cuts off what is damaged
            return session;
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel; // the lock ends with it
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("another client of this process has the session open: " + path, e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new IOException("another process has the session open: " + path);
    }

    @Override
    public FlowSnapshot<Publish> flows() {
        lock.lock();
        try {
            return replay.snapshot();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<StoredSubscription> subscriptions() {
        lock.lock();
        try {
            return List.copyOf(subscriptions.values());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void subscribed(StoredSubscription granted) {
        lock.lock();
        try {
            subscriptions.put(granted.subscription().filter(), granted);
            add(SessionLog.record(granted));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void unsubscribed(TopicFilter filter) {
        lock.lock();
        try {
            if (subscriptions.remove(filter) != null) {
                add(SessionLog.record(filter));
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(byte[] record) {
        if (!closed) {
            pending.writeBytes(record);
            urgent = true;
        }
    }

    @Override
    public void append(FlowChange<Publish> change) {
        lock.lock();
        try {
            if (!closed) {
                replay.apply(change);
                pending.writeBytes(SessionLog.record(change));
                urgent |= !(change instanceof FlowChange.Completed<Publish>);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void reset() {
        lock.lock();
        try {
            if (!closed) {
                replay = new FlowReplay<>();
                add(SessionLog.reset());
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void sync() throws IOException {
        if (isUrgent()) { // else there is nobody to wait for
            writing.lock();
            try {
                if (isUrgent()) { // whoever had the lock may have written it all
                    write();
                }
            } finally {
                writing.unlock();
            }
        }
    }

    @Override
    public void close() throws IOException {
        writing.lock();
        try (FileChannel data = out;
                FileChannel locked = lockFile) {
            if (data.isOpen() && locked.isOpen()) {
                write();
            }
        } finally {
            markClosed();
            writing.unlock();
        }
    }

    private void markClosed() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void markUrgent() {
        lock.lock();
        try {
            urgent = true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isUrgent() {
        lock.lock();
        try {
            return urgent && !closed;
        } finally {
            lock.unlock();
        }
    }

    private void write() throws IOException {
        ByteBuffer bytes;
        Optional<byte[]> anew;
        lock.lock();
        try {
            bytes = ByteBuffer.wrap(pending.toByteArray());
            pending.reset();
            urgent = false;
            boolean isToBeAnew = broken || !closed && out.size() + bytes.remaining() > tooLarge;
            anew = isToBeAnew
                    ? Optional.of(SessionLog.beginningWith(replay.snapshot(), subscriptions.values()))
                    : Optional.empty();
        } finally {
            lock.unlock();
        }
        try {
            if (anew.isPresent()) {
                writeAnew(anew.get());
            } else if (bytes.hasRemaining()) {
                writeAll(out, bytes);
                out.force(false);
            }
        } catch (IOException | RuntimeException e) {
            broken = true;
            markUrgent(); // so that nobody takes it for written
            throw e;
        }
    }

    /** Whoever dies here leaves the old file or the new one. */
    private void writeAnew(byte[] bytes) throws IOException {
        FileChannel fresh = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        try {
            writeAll(fresh, ByteBuffer.wrap(bytes));
            fresh.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            fresh.close();
            throw e;
        }
        forceDirectory();
        if (out != null) {
            out.close();
        }
        out = fresh;
        tooLarge = Math.max(SMALL, 3L * bytes.length);
        broken = false;
    }

    /** That the file has its name is on disk only when the directory is; some systems do not open one. */
    private void forceDirectory() {
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "this system forces no directories", e);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
