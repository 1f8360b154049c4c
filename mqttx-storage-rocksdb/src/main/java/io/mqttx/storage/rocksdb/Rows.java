package io.mqttx.storage.rocksdb;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What a group does to rows of one kind: the last word on each. A row that the group itself put and that was not there
 * before leaves no trace when it is deleted.
 *
 * @param <K> what names a row
 */
final class Rows<K> {
    private final Map<K, Row> rows = new HashMap<>();

    /** What a row is to hold. */
    interface Content {
        /** Of a row that is to go. */
        Content NONE = () -> {
            throw new IllegalStateException("a deleted row has no value");
        };

        byte[] value();
    }

    private static final class Row {
        private Content content = Content.NONE;
        private boolean mayBeOnDisk;

        Row(boolean mayBeOnDisk) {
            this.mayBeOnDisk = mayBeOnDisk;
        }
    }

    /** @param mayBeOnDisk whether the row may have been there before the group; looked at for the first word only */
    void put(K key, boolean mayBeOnDisk, Content content) {
        rows.computeIfAbsent(key, any -> new Row(mayBeOnDisk)).content = content;
    }

    void delete(K key, boolean mayBeOnDisk) {
        Row row = rows.get(key);
        if (row == null) {
            if (mayBeOnDisk) {
                rows.put(key, new Row(true));
            }
        } else if (row.mayBeOnDisk) {
            row.content = Content.NONE;
        } else {
            rows.remove(key);
        }
    }

    /** What the group has to say of a row: nothing, {@link Content#NONE}, or what it is to hold. */
    Optional<Content> find(K key) {
        return Optional.ofNullable(rows.get(key)).map(row -> row.content);
    }

    /** A write may have succeeded that was said to have failed: from now on a delete leaves a trace. */
    void doubt() {
        rows.values().forEach(row -> row.mayBeOnDisk = true);
    }

    /** Each row with what it is to hold. */
    void forEach(BiConsumer<K, Content> visitor) {
        rows.forEach((key, row) -> visitor.accept(key, row.content));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void clear() {
        rows.clear();
    }
}
