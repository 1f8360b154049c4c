package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB with the settings of this storage: about 50 MB of native memory, at most 64 MB of log to be read at a start,
 * two threads in the background.
 *
 * <p>{@link #write}, {@link #sync} and {@link #reopen} are for one thread, reading is for all.
 */
final class Database implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Database.class.getName());
    private static final int FORMAT = 1;
    private static final long MEGABYTE = 1L << 20;
    private static final int PROBE = 1 << 20; // bytes that the disk must take before a database is opened anew

    private final Path directory;
    private final DirectoryLock directoryLock;
    private final boolean syncsEachGroup;
    private final Writing writing;
    private final Cache cache = new LRUCache(16 * MEGABYTE);
    private final Options options;
    private final WriteOptions writeOptions;
    private final ReadOptions readOptions = new ReadOptions();
    private final ReadOptions scanOptions =
            new ReadOptions().setReadaheadSize(2 * MEGABYTE).setFillCache(false);
    private final ReadWriteLock lock = new ReentrantReadWriteLock(); // written: while there is no database to read
    private RocksDB database; // null while closed

    /** What brings bytes to the disk: tests put faults in its place. */
    interface Writing {
        /** RocksDB itself. */
        Writing NORMAL = RocksDB::write;

        void write(RocksDB database, WriteOptions options, WriteBatch batch) throws RocksDBException;

        default void sync(RocksDB database) throws RocksDBException {
            database.syncWal();
        }
    }

    private Database(Path directory, DirectoryLock directoryLock, boolean syncsEachGroup, Writing writing) {
        this.directory = directory;
        this.directoryLock = directoryLock;
        this.syncsEachGroup = syncsEachGroup;
        this.writing = writing;
        writeOptions = new WriteOptions().setSync(syncsEachGroup); // fdatasync of the log before write returns
        options = options(cache);
    }

    /**
     * Opens what is there, or makes it.
     *
     * @throws UncheckedIOException if that is not possible, with a sentence that says why
     */
    static Database open(Path directory, boolean syncsEachGroup, Writing writing) {
        prepare(directory);
        Database database = new Database(directory, DirectoryLock.take(directory), syncsEachGroup, writing);
        try {
            database.database = database.openAfterCrash();
            database.checkFormat();
            return database;
        } catch (RocksDBException e) {
            database.close();
            throw failure(sentence(directory, e));
        } catch (UncheckedIOException e) {
            database.close();
            throw e;
        }
    }

    private RocksDB openAfterCrash() throws RocksDBException {
        new AfterCrash(directory, syncsEachGroup).mend();
        try {
            return RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            if (!isDamage(e) || syncsEachGroup) {
                throw e;
            }
            return openUpToGap();
        }
    }

    /** An older log may have a gap where syncs come now and then. */
    private RocksDB openUpToGap() throws RocksDBException {
        options.setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
        try {
            RocksDB opened = RocksDB.open(options, directory.toString());
            LOG.log(
                    Level.WARNING,
                    "an older log in {0} has a gap, as a power cut leaves one: what was written behind it is dropped",
                    directory);
            return opened;
        } finally {
            options.setWalRecoveryMode(WALRecoveryMode.AbsoluteConsistency);
        }
    }

    private static void prepare(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw failure(directory + " is no directory");
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw failure("the directory " + directory + " cannot be made: " + reason(e));
        }
        if (!Files.isWritable(directory)) {
            throw failure("the directory " + directory + " may not be written to");
        }
        try {
            RocksDB.loadLibrary();
        } catch (RuntimeException | UnsatisfiedLinkError e) {
            throw failure("RocksDB does not run here: " + e.getMessage());
        }
    }

    private static Options options(Cache cache) {
        return new Options()
                .setCreateIfMissing(true)
                // All or nothing: whether damage is that of a crash we judge, as a wrong length looks to RocksDB like a
                // file that ends there, and it would drop what follows without a word.
                .setWalRecoveryMode(WALRecoveryMode.AbsoluteConsistency)
                .setRecycleLogFileNum(0) // with old bytes behind the end, a torn end could not be told from a fault
                .setParanoidChecks(true)
                .setWriteBufferSize(16 * MEGABYTE)
                .setMaxWriteBufferNumber(2)
                .setMaxTotalWalSize(64 * MEGABYTE)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(512)
                .setBytesPerSync(MEGABYTE)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(16 << 10)
                        .setCacheIndexAndFilterBlocks(true))
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MEGABYTE)
                .setKeepLogFileNum(3)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0);
    }

    private void checkFormat() throws RocksDBException {
        byte[] known = database.get(Keys.format());
        if (known != null) {
            int format = Values.format(known);
            if (format != FORMAT) {
                throw failure(directory + " was written by another version of MqttX: its format is " + format
                        + ", known here is " + FORMAT);
            }
            return;
        }
        try (RocksIterator rows = database.newIterator()) {
            rows.seekToFirst();
            rows.status();
            if (rows.isValid()) {
                throw failure(directory + " holds a database of something else");
            }
        }
        try (WriteOptions sync = new WriteOptions().setSync(true)) {
            database.put(sync, Keys.format(), Values.format(FORMAT));
        }
    }

    void write(WriteBatch batch) throws RocksDBException {
        writing.write(opened(), writeOptions, batch);
    }

    /** Brings to the disk what the operating system has. */
    void sync() throws RocksDBException {
        writing.sync(opened());
    }

    /** The values of these keys; null for a row that is not there. */
    List<byte[]> get(List<byte[]> keys) throws RocksDBException {
        lock.readLock().lock();
        try {
            return opened().multiGetAsList(readOptions, keys);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Looks at one row after the other. */
    interface Visitor {
        void visit(byte[] key, RocksIterator row) throws RocksDBException;
    }

    /** Shows all rows whose keys begin so, in their order. */
    void scan(byte[] start, Visitor visitor) throws RocksDBException {
        try (RocksIterator rows = opened().newIterator(scanOptions)) {
            for (rows.seek(start); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                if (!Keys.startsWith(key, start)) {
                    break;
                }
                visitor.visit(key, rows);
            }
            rows.status();
        }
    }

    /** All keys that begin so. */
    List<byte[]> keysFrom(byte[] start) throws RocksDBException {
        List<byte[]> keys = new ArrayList<>();
        scan(start, (key, row) -> keys.add(key));
        return keys;
    }

    /**
     * Closes the database and opens it again, which is the only way to have one write again after a write failed. The
     * disk must take a megabyte first: what is open can at least be read.
     */
    void reopen() throws RocksDBException, IOException {
        probe();
        lock.writeLock().lock();
        try {
            if (database != null) {
                database.close();
                database = null;
            }
            database = openAfterCrash(); // the write that failed may have left a part
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void probe() throws IOException {
        Path file = directory.resolve("probe.tmp");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.allocate(PROBE);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private RocksDB opened() throws RocksDBException {
        if (database == null) {
            throw new RocksDBException("the database could not be opened again");
        }
        return database;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (database != null) {
                database.close();
                database = null;
            }
            scanOptions.close();
            readOptions.close();
            writeOptions.close();
            options.close();
            cache.close();
            directoryLock.close();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** What is wrong, in one sentence that names the directory. */
    static String sentence(Path directory, Exception fault) {
        if (!(fault instanceof RocksDBException rocks)) {
            return directory + " cannot be written to: " + reason(fault);
        }
        String text = reason(fault);
        if (text.contains("lock")) {
            return directory + " is in use by another broker";
        }
        if (isDamage(rocks)) {
            return "the data in " + directory + " is damaged: " + text;
        }
        return directory + " cannot be used: " + text;
    }

    private static boolean isDamage(RocksDBException fault) {
        Status status = fault.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    static String reason(Exception fault) {
        String text = fault instanceof FileSystemException file && file.getReason() != null
                ? file.getReason()
                : String.valueOf(fault.getMessage());
        return text.lines().findFirst().orElse("").strip();
    }

    static UncheckedIOException failure(String sentence) {
        return new UncheckedIOException(sentence, new IOException(sentence));
    }
}
