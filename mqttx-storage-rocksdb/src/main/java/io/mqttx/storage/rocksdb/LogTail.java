package io.mqttx.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Tells a write that a power cut tore from a fault in what was on the disk. The end of a file may reach the disk before
 * the middle, so the last record of RocksDB's log can have its length and yet be damaged. The record behind it is written
 * only when it is synced: if another one begins behind the damage, the damage is a fault.
 */
final class LogTail {
    private static final int BLOCK = 32 << 10;
    private static final int HEADER = 7; // masked CRC-32C, two bytes of length, type
    private static final int FULL = 1; // the types that begin a record
    private static final int FIRST = 2;
    private static final int MIDDLE = 3; // and neither of these two ends one

    private final ByteBuffer bytes;

    private LogTail(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether nothing is damaged in the logs there but the last record. */
    static boolean isTorn(Path directory) throws IOException {
        List<Path> logs;
        try (Stream<Path> files = Files.list(directory)) {
            logs = files.filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
                    .sorted()
                    .toList();
        }
        int last = logs.size() - 1;
        while (last >= 0 && Files.size(logs.get(last)) == 0) {
            last--;
        }
        for (int i = 0; i < last; i++) {
            if (new LogTail(Files.readAllBytes(logs.get(i))).intact() >= 0) {
                return false;
            }
        }
        if (last < 0) {
            return false;
        }
        LogTail newest = new LogTail(Files.readAllBytes(logs.get(last)));
        int damage = newest.intact();
        return damage >= 0 && !newest.beginsBehind(damage);
    }

    /** Where the first damage is, or the record that is not brought to its end; or -1. */
    private int intact() {
        int begun = -1;
        int at = 0;
        while (at < bytes.limit()) {
            int left = BLOCK - at % BLOCK;
            if (left < HEADER) {
                at += left;
            } else if (isRecord(at)) {
                int type = bytes.get(at + HEADER - 1);
                if (type != MIDDLE) {
                    begun = type == FIRST ? at : -1;
                }
                at += HEADER + length(at);
            } else {
                return at;
            }
        }
        return begun;
    }

    private boolean beginsBehind(int damage) {
        for (int at = damage + 1; at + HEADER <= bytes.limit(); at++) {
            int type = bytes.get(at + HEADER - 1);
            if ((type == FULL || type == FIRST) && isRecord(at)) {
                return true;
            }
        }
        return false;
    }

    private int length(int at) {
        return Short.toUnsignedInt(bytes.getShort(at + Integer.BYTES));
    }

    private boolean isRecord(int at) {
        if (at + HEADER > bytes.limit() || BLOCK - at % BLOCK < HEADER + length(at)) {
            return false;
        }
        int end = at + HEADER + length(at);
        if (end > bytes.limit()) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(at + HEADER - 1, end - at - HEADER + 1)); // the type as well
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
        return bytes.getInt(at) == masked;
    }
}
