package io.mqttx.checks;

import java.util.Comparator;
import java.util.List;

/**
 * How long source files are. A long file is no fault by itself; a median that creeps up from month to month is.
 *
 * @param files those measured
 */
record Sizes(List<SourceFile> files) {

    Sizes {
        files = files.stream()
                .sorted(Comparator.comparingLong(SourceFile::lineCount)
                        .reversed()
                        .thenComparing(SourceFile::place))
                .toList();
    }

    /** The longest files, longest first. */
    List<SourceFile> longest(int count) {
        return files.subList(0, Math.min(count, files.size()));
    }

    /** The number of lines that this share of the files does not exceed; 0 if there are no files. */
    long percentile(int percent) {
        if (files.isEmpty()) {
            return 0;
        }
        int rank = (int) Math.ceil(files.size() * percent / 100.0); // nearest rank, counted from the shortest
        return files.get(files.size() - Math.max(rank, 1)).lineCount();
    }

    /** One line of figures. */
    String summary(String name) {
        long sum = files.stream().mapToLong(SourceFile::lineCount).sum();
        return "%s: %d files, %d lines; median %d, 95th percentile %d, largest %d"
                .formatted(name, files.size(), sum, percentile(50), percentile(95), percentile(100));
    }
}
