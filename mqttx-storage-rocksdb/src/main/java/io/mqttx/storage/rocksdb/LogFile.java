package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A file of records as RocksDB writes them: its logs, and the one that lists all other files. RocksDB itself passes over
 * some damage without a word (zeros where a record began), and never comes back from other (one wrong bit makes the type
 * of a record that of a file used a second time), so we look first.
 */
final class LogFile {
    private static final int BLOCK = 32 << 10; // no record reaches beyond one; what is larger is in parts
    private static final int HEADER = 7; // masked CRC-32C, two bytes of length, type
    private static final int FULL = 1; // the types that begin something
    private static final int FIRST = 2;
    private static final int MIDDLE = 3; // and neither of these two ends it
    private static final int LAST = 4;

    private final Path file;
    private final ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private long before; // bytes of the file before the block
    private long behind; // bytes of the file with the block
    private long begun = -1; // where that began of which not all parts were there yet

    private LogFile(Path file) {
        this.file = file;
    }

    /**
     * What is wrong in a file.
     *
     * @param at           in bytes: everything before is whole
     * @param unknownType  whether a record is there of a type that is never written here
     * @param beginsBehind whether another record begins behind it, which is written only when this one is synced
     */
    record Damage(Path file, long at, boolean unknownType, boolean beginsBehind) {
        @Override
        public String toString() {
            return "the record of " + file.getFileName() + " at byte " + at
                    + (unknownType ? " is of an unknown type" : " is not what was written");
        }
    }

    /** The first damage in the file, if there is any; also something of which the end is missing. */
    static Optional<Damage> damage(Path file) throws IOException {
        return new LogFile(file).look();
    }

    private Optional<Damage> look() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            while (next(in)) {
                int wrong = wrongInBlock();
                if (wrong >= 0) {
                    boolean unknown = wrong + HEADER <= block.limit() && type(wrong) > LAST;
                    long at = begun >= 0 ? begun : before + wrong;
                    return Optional.of(new Damage(file, at, unknown, beginsBehind(in, wrong)));
                }
            }
        }
        return begun < 0 ? Optional.empty() : Optional.of(new Damage(file, begun, false, false));
    }

    private boolean next(InputStream in) throws IOException {
        before = behind;
        int size = in.readNBytes(block.array(), 0, BLOCK);
        behind += size;
        block.limit(size);
        return size > 0;
    }

    private int wrongInBlock() {
        for (int at = 0; at < block.limit() && BLOCK - at >= HEADER; at += HEADER + length(at)) {
            if (!isRecord(at)) {
                return at;
            }
            int type = type(at);
            boolean begins = type == FULL || type == FIRST;
            if (begins == (begun >= 0)) { // without its beginning, or before the last one ended
                return at;
            }
            if (type == FIRST) {
                begun = before + at;
            } else if (type != MIDDLE) {
                begun = -1;
            }
        }
        return -1;
    }

    /** In the block or in those that follow; also where it is wrong, if the one before did not end. */
    private boolean beginsBehind(InputStream in, int wrong) throws IOException {
        int from = wrong;
        do {
            for (int at = from; at + HEADER <= block.limit(); at++) {
                int type = type(at);
                if ((type == FULL || type == FIRST) && isRecord(at)) {
                    return true;
                }
            }
            from = 0;
        } while (next(in));
        return false;
    }

    private int length(int at) {
        return Short.toUnsignedInt(block.getShort(at + Integer.BYTES));
    }

    private int type(int at) {
        return Byte.toUnsignedInt(block.get(at + HEADER - 1));
    }

    private boolean isRecord(int at) {
        if (at + HEADER > block.limit()) {
            return false;
        }
        int end = at + HEADER + length(at);
        if (end > block.limit() || type(at) > LAST) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(block.array(), at + HEADER - 1, end - at - HEADER + 1); // the type as well
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
        return block.getInt(at) == masked;
    }
}
