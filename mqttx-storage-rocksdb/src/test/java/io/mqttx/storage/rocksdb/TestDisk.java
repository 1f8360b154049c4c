package io.mqttx.storage.rocksdb;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A disk that is full, fails or takes its time when a test says so. */
final class TestDisk implements Database.Writing {
    final AtomicInteger writes = new AtomicInteger(); // begun
    final AtomicInteger syncs = new AtomicInteger(); // that were no part of a write
    private final Semaphore held = new Semaphore(Integer.MAX_VALUE / 2);
    private volatile String fault = "";
    private volatile boolean writesAllTheSame;
    private volatile boolean syncFails;

    /** Every write fails, and nothing is written. */
    void fail(String reason) {
        writesAllTheSame = false;
        fault = reason;
    }

    /** Every write fails, and all is written. */
    void failAfterWriting(String reason) {
        writesAllTheSame = true;
        fault = reason;
    }

    void recover() {
        fault = "";
    }

    /** Writes succeed, and syncs by themselves fail. */
    void failToSync(boolean fails) {
        syncFails = fails;
    }

    /** Writes that begin from now on wait. */
    void hold() {
        held.drainPermits();
    }

    /** Writes go on. */
    void release() {
        held.release(Integer.MAX_VALUE / 2);
    }

    @Override
    public void sync(RocksDB database) throws RocksDBException {
        if (syncFails) {
            throw new RocksDBException("Input/output error", new Status(Status.Code.IOError, Status.SubCode.None, ""));
        }
        database.syncWal();
        syncs.incrementAndGet();
    }

    @Override
    public void write(RocksDB database, WriteOptions options, WriteBatch batch) throws RocksDBException {
        writes.incrementAndGet();
        held.acquireUninterruptibly();
        String reason = fault;
        if (reason.isEmpty() || writesAllTheSame) {
            database.write(options, batch);
        }
        if (!reason.isEmpty()) {
            throw new RocksDBException(reason, new Status(Status.Code.IOError, Status.SubCode.NoSpace, reason));
        }
    }
}
