package io.mqttx.server.crash;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A directory as the operating system shows it, and what of it is on the disk: that which was synced, and of the rest
 * what {@link #cut} leaves to chance.
 */
final class DiskImage {
    private static final int SECTOR = 512; // bytes that a disk writes as a whole

    private final Map<Long, Inode> open = new HashMap<>(); // by handle
    private final Deque<Entries> unsyncedEntries = new ArrayDeque<>();
    private final Map<String, Inode> names; // as the operating system has them
    private Map<String, Inode> durableNames;

    /** What became of the directory by one step, which was not synced when it was made. */
    private record Entries(long place, Map<String, Inode> names) {}

    /** One step in a file's contents. */
    private static final class Step {
        final long place;
        final long offset;
        final byte[] data;
        final boolean truncates;

        Step(long place, long offset, byte[] data, boolean truncates) {
            this.place = place;
            this.offset = offset;
            this.data = data;
            this.truncates = truncates;
        }
    }

    private static final class Inode {
        final Contents durable;
        final Deque<Step> unsynced = new ArrayDeque<>();
        boolean isDirectory;

        Inode(byte[] durable) {
            this.durable = new Contents(durable);
        }
    }

    /** Bytes that grow. */
    private static final class Contents {
        private byte[] bytes;
        private int length;

        Contents(byte[] bytes) {
            this.bytes = bytes.clone();
            this.length = bytes.length;
        }

        byte[] toBytes() {
            return Arrays.copyOf(bytes, length);
        }

        void apply(Step step) {
            int end = Math.toIntExact(step.offset + step.data.length);
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * end);
            }
            if (step.truncates) {
                Arrays.fill(bytes, Math.min(end, length), length, (byte) 0);
                length = end;
            }
            length = Math.max(length, end);
            System.arraycopy(step.data, 0, bytes, (int) step.offset, step.data.length);
        }
    }

    /** A directory with these files, all of them on the disk. */
    DiskImage(Map<String, byte[]> files) {
        names = new TreeMap<>();
        files.forEach((name, bytes) -> names.put(name, new Inode(bytes)));
        durableNames = Map.copyOf(names);
    }

    void open(long place, long handle, String name, boolean truncates) {
        if (name.isEmpty()) {
            Inode directory = new Inode(new byte[0]);
            directory.isDirectory = true;
            open.put(handle, directory);
            return;
        }
        Inode inode = names.get(name);
        if (inode == null) {
            inode = new Inode(new byte[0]);
            names.put(name, inode);
            entriesChanged(place);
        }
        if (truncates) {
            inode.unsynced.add(new Step(place, 0, new byte[0], true));
        }
        open.put(handle, inode);
    }

    void write(long place, long handle, long offset, byte[] data) {
        open.get(handle).unsynced.add(new Step(place, offset, data, false));
    }

    void truncate(long place, long handle, long length) {
        open.get(handle).unsynced.add(new Step(place, length, new byte[0], true));
    }

    /** The file is at least so long: zeros, where nothing is written. */
    void allocate(long place, long handle, long length) {
        open.get(handle).unsynced.add(new Step(place, length, new byte[0], false));
    }

    void rename(long place, String from, String to) {
        Inode inode = names.remove(from);
        if (inode != null) {
            names.put(to, inode);
        }
        entriesChanged(place);
    }

    void link(long place, String from, String to) {
        names.put(to, names.get(from));
        entriesChanged(place);
    }

    void unlink(long place, String name) {
        names.remove(name);
        entriesChanged(place);
    }

    /** What was there at that place of the log is on the disk: of a file its contents, of a directory its entries. */
    void sync(long handle, long upTo) {
        Inode inode = open.get(handle);
        if (inode.isDirectory) {
            while (!unsyncedEntries.isEmpty() && unsyncedEntries.element().place < upTo) {
                durableNames = unsyncedEntries.remove().names;
            }
            return;
        }
        while (!inode.unsynced.isEmpty() && inode.unsynced.element().place < upTo) {
            inode.durable.apply(inode.unsynced.remove());
        }
    }

    /**
     * What is found when there is power again. Changes of the directory survive in their order, up to one of them; of
     * what was written to a file without a sync nothing, all, its beginning, or any sectors.
     */
    Map<String, byte[]> cut(Random random) {
        Map<String, Inode> left = durableNames;
        List<Entries> steps = new ArrayList<>(unsyncedEntries);
        int survivors = random.nextInt(steps.size() + 1);
        if (survivors > 0) {
            left = steps.get(survivors - 1).names;
        }
        Map<String, byte[]> files = new TreeMap<>();
        left.forEach((name, inode) -> files.put(name, remains(inode, random)));
        return files;
    }

    /** How many bytes would be lost if nothing that was not synced survived. */
    long unsynced() {
        Set<Inode> inodes = new HashSet<>(names.values());
        return inodes.stream()
                .flatMap(inode -> inode.unsynced.stream())
                .mapToLong(step -> step.data.length)
                .sum();
    }

    private void entriesChanged(long place) {
        unsyncedEntries.add(new Entries(place, new TreeMap<>(names)));
    }

    private static byte[] remains(Inode inode, Random random) {
        Contents contents = new Contents(inode.durable.toBytes());
        int manner = random.nextInt(4);
        int survivors = random.nextInt(inode.unsynced.size() + 1);
        int index = 0;
        for (Step step : inode.unsynced) {
            if (manner == 1 || manner == 2 && index < survivors) {
                contents.apply(step);
            } else if (manner == 2 && index == survivors) {
                contents.apply(torn(step, random));
            } else if (manner == 3) {
                scatter(contents, step, random);
            }
            index++;
        }
        return contents.toBytes();
    }

    /** The beginning of a step, in whole sectors of the file. */
    private static Step torn(Step step, Random random) {
        if (step.data.length == 0) {
            return step;
        }
        long end = (step.offset + random.nextInt(step.data.length)) / SECTOR * SECTOR;
        int length = (int) Math.max(0, end - step.offset);
        return new Step(step.place, step.offset, Arrays.copyOf(step.data, length), false);
    }

    /** Some sectors of a step, and zeros between them where the file was shorter. */
    private static void scatter(Contents contents, Step step, Random random) {
        if (step.data.length == 0) {
            if (random.nextBoolean()) {
                contents.apply(step);
            }
            return;
        }
        int from = 0;
        while (from < step.data.length) {
            long sectorEnd = ((step.offset + from) / SECTOR + 1) * SECTOR;
            int to = (int) Math.min(step.data.length, sectorEnd - step.offset);
            if (random.nextBoolean()) {
                contents.apply(
                        new Step(step.place, step.offset + from, Arrays.copyOfRange(step.data, from, to), false));
            }
            from = to;
        }
    }
}
