package io.mqttx.server.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A machine that loses its power with the broker: of what was not synced, only what chance leaves is found again. A
 * library that is preloaded ({@code powercut.c}) writes down what the broker does to its files.
 */
final class PowerCut implements Machine {
    private static final int HEAD = 7 * Long.BYTES;

    private final Path library;
    private final Path directory;
    private final Path log;
    private final Random random;
    private Map<String, byte[]> base = Map.of();
    private long cuts;
    private long atStake; // bytes that were not synced

    PowerCut(Path work, Path directory, long seed) throws IOException {
        this.directory = Files.createDirectories(directory).toRealPath();
        this.log = work.resolve("powercut.log").toAbsolutePath();
        this.random = new Random(seed);
        this.library = Preloaded.library("powercut", work);
    }

    @Override
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "POWERCUT_DIRECTORY",
                directory.toString(),
                "POWERCUT_LOG",
                log.toString());
    }

    @Override
    public void stopped(Path ignored) throws IOException {
        if (!Files.exists(log)) {
            return; // it was killed before it touched anything
        }
        DiskImage image = new DiskImage(base);
        replay(Files.readAllBytes(log), image);
        Files.delete(log);
        atStake += image.unsynced();
        cuts++;
        base = image.cut(random);
        rebuild();
    }

    String summary() {
        return cuts + " power cuts with " + atStake / Math.max(1, cuts) + " unsynced bytes each";
    }

    private void rebuild() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        for (Map.Entry<String, byte[]> file : base.entrySet()) {
            Files.write(directory.resolve(file.getKey()), file.getValue());
        }
        base = new TreeMap<>(base);
    }

    private static void replay(byte[] bytes, DiskImage image) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        while (in.remaining() >= HEAD) {
            long kind = in.getLong();
            long handle = in.getLong();
            long offset = in.getLong();
            long flags = in.getLong();
            int first = (int) in.getLong();
            int second = (int) in.getLong();
            long place = in.getLong();
            if (in.remaining() < first + second) {
                return; // the process was killed here
            }
            String name = text(in, first);
            byte[] data = new byte[second];
            in.get(data);
            String other = new String(data, StandardCharsets.UTF_8);
            switch ((int) kind) {
                case 1 -> image.open(place, handle, name, flags != 0);
                case 2 -> image.write(place, handle, offset, data);
                case 3 -> image.truncate(place, handle, offset);
                case 4 -> {
                    if (flags != 0) {
                        image.allocate(place, handle, offset);
                    }
                }
                case 5 -> image.sync(handle, offset);
                case 6 -> image.rename(place, name, other);
                case 7 -> image.unlink(place, name);
                case 8 -> image.link(place, name, other);
                default -> throw new IllegalStateException("the broker does what powercut.c does not know: " + name);
            }
        }
    }

    private static String text(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
