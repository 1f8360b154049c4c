package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps a directory for one storage, from before its files are looked at: RocksDB locks it only as it opens, and to whom
 * looks at a log that another process writes the end of it seems torn.
 */
final class DirectoryLock implements AutoCloseable {
    private static final String NAME = "mqttx.lock";

    private final FileChannel file; // the lock goes with it

    private DirectoryLock(FileChannel file) {
        this.file = file;
    }

    /** @throws java.io.UncheckedIOException if another storage, of this process or another, has the directory */
    static DirectoryLock take(Path directory) {
        try {
            FileChannel file =
                    FileChannel.open(directory.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isTaken(file)) {
                file.close();
                throw Database.failure(directory + " is in use by another broker");
            }
            return new DirectoryLock(file);
        } catch (IOException e) {
            throw Database.failure("the directory " + directory + " cannot be locked: " + Database.reason(e));
        }
    }

    private static boolean isTaken(FileChannel file) throws IOException {
        try {
            return file.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true; // by this process
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw Database.failure("the lock cannot be given back: " + Database.reason(e));
        }
    }
}
