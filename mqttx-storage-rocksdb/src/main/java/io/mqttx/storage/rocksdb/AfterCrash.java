package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Makes a directory ready for RocksDB after a crash. A last write that a power cut tore, which nobody was told of, is cut
 * off, with a word; and where syncs come now and then, also what is behind a gap. All other damage is refused.
 *
 * <p>With a sync for each group the next record is written only when the one before is on the disk. So if another one
 * begins behind the damage, the damage is a fault. The end of a file may reach the disk before the middle: a torn
 * record can have its length.
 *
 * <p>For a directory that nobody else writes to: {@link DirectoryLock}.
 */
final class AfterCrash {
    private static final Logger LOG = System.getLogger(AfterCrash.class.getName());
    private static final String FIRST_LIST = "MANIFEST-000001"; // of a database that was never opened to its end

    private final Path directory;
    private final boolean syncsEachGroup;

    AfterCrash(Path directory, boolean syncsEachGroup) {
        this.directory = directory;
        this.syncsEachGroup = syncsEachGroup;
    }

    /** @throws RocksDBException of the kind that tells of damage, as from RocksDB itself */
    void mend() throws RocksDBException {
        try {
            judgeLogs();
            judgeList();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "not looked through", e); // RocksDB tells what is wrong with a file that is missing
        }
    }

    private void judgeLogs() throws RocksDBException, IOException {
        List<Path> logs =
                logs().stream().filter(log -> log.toFile().length() > 0).toList();
        for (Path log : logs) {
            Optional<LogFile.Damage> found = LogFile.damage(log);
            if (found.isPresent()) {
                LogFile.Damage damage = found.get();
                boolean newest = log.equals(logs.get(logs.size() - 1));
                if (damage.unknownType() || syncsEachGroup && (!newest || damage.beginsBehind())) {
                    throw corruption(damage.toString());
                }
                if (newest) { // of an older one, which may not even count any more, RocksDB knows what follows from it
                    cut(damage);
                }
            }
        }
    }

    /** In the order in which they were written. */
    private List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{1,18}\\.log"))
                    .sorted(Comparator.comparingLong(AfterCrash::number))
                    .toList();
        }
    }

    private static long number(Path log) {
        String name = log.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    private void cut(LogFile.Damage damage) throws IOException {
        try (FileChannel log = FileChannel.open(damage.file(), StandardOpenOption.WRITE)) {
            log.truncate(damage.at());
            log.force(true);
        }
        LOG.log(
                Level.WARNING,
                syncsEachGroup
                        ? "the last write to {0} is torn, as a power cut leaves one that was not acknowledged: dropped"
                        : "the log in {0} has a gap, as a power cut leaves one: what was written behind it is dropped",
                directory);
    }

    /** The file that lists all others; a change of it that is torn was never finished, and RocksDB passes over it. */
    private void judgeList() throws RocksDBException, IOException {
        String name = Files.readString(directory.resolve("CURRENT"), StandardCharsets.ISO_8859_1)
                .strip();
        if (!name.matches("MANIFEST-\\d+")) {
            return; // RocksDB says so
        }
        if (!name.equals(FIRST_LIST) && logs().isEmpty()) { // there is one from the first opening on
            throw corruption("the log is missing");
        }
        Optional<LogFile.Damage> found = LogFile.damage(directory.resolve(name));
        if (found.isPresent() && (found.get().unknownType() || found.get().beginsBehind())) {
            throw corruption(found.get().toString());
        }
    }

    private static RocksDBException corruption(String text) {
        return new RocksDBException(text, new Status(Status.Code.Corruption, Status.SubCode.None, text));
    }
}
