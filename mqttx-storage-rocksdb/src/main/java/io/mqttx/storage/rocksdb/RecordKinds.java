package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Looks for records that nobody wrote here, before RocksDB reads them. The kind of a record is a byte before what its
 * checksum is compared with: one wrong bit makes it that of a file used a second time, and RocksDB 11.8 then reads the
 * same record again and again and never comes back from opening.
 */
final class RecordKinds {
    private static final int BLOCK = 32 << 10; // no record reaches beyond one
    private static final int HEADER = 7; // checksum, two bytes of length, kind
    private static final int LAST_KNOWN = 4; // whole, first, middle, last

    private RecordKinds() {}

    /** What is wrong in the logs there, or in the file that lists all others; none if RocksDB may read them. */
    static Optional<String> fault(Path directory) throws IOException {
        for (Path file : files(directory)) {
            Optional<String> fault = faultIn(file);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d+\\.log|MANIFEST-\\d+"))
                    .sorted()
                    .toList();
        }
    }

    private static Optional<String> faultIn(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] block = new byte[BLOCK];
            long before = 0;
            for (int size = in.readNBytes(block, 0, BLOCK); size > 0; size = in.readNBytes(block, 0, BLOCK)) {
                int at = unknownIn(block, size);
                if (at >= 0) {
                    return Optional.of("a record of " + file.getFileName() + " at byte " + (before + at)
                            + " is of the unknown kind " + Byte.toUnsignedInt(block[at + HEADER - 1]));
                }
                before += size;
            }
        }
        return Optional.empty();
    }

    /** Where it begins; or -1, also if the block is damaged in another way, which RocksDB notices. */
    private static int unknownIn(byte[] block, int size) {
        for (int at = 0; at + HEADER <= size; ) {
            int length = Byte.toUnsignedInt(block[at + 4]) + (Byte.toUnsignedInt(block[at + 5]) << 8);
            int kind = Byte.toUnsignedInt(block[at + 6]);
            if (kind > LAST_KNOWN) {
                return at;
            }
            at += HEADER + length;
        }
        return -1;
    }
}
