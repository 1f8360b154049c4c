package io.mqttx.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One of the tables in {@code spec/}: tab-separated, one header line, no quoting. What the columns mean stands
 * in {@code spec/README.md}.
 *
 * @param name    the file it was read from
 * @param columns in the order of the file
 * @param rows    in the order of the file
 */
public record SpecTable(String name, List<String> columns, List<Row> rows) {

    /** Keeps its own copies of the lists. */
    public SpecTable {
        Objects.requireNonNull(name, "name");
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /**
     * The numbered statements of one version of the standard.
     *
     * @param version which standard
     * @return columns {@code id}, {@code section}, {@code role}, {@code packet}, {@code summary}, {@code testable}
     */
    public static SpecTable statements(Version version) {
        return named(version.tableName());
    }

    /**
     * The reason codes of version 5; code 0 has three rows, one for each of its names.
     *
     * @return columns {@code hex}, {@code dec}, {@code name}, {@code packets}, {@code disconnect_sent_by},
     *     {@code is_error}, {@code note}
     */
    public static SpecTable reasonCodes() {
        return named("reason-codes.tsv");
    }

    /**
     * The properties of version 5.
     *
     * @return columns {@code id_hex}, {@code id_dec}, {@code name}, {@code type}, {@code packets},
     *     {@code may_repeat}, {@code value_limits}, {@code if_absent}, {@code sections}, {@code note}
     */
    public static SpecTable properties() {
        return named("properties.tsv");
    }

    /**
     * A table of this repository.
     *
     * @param fileName a file in {@code spec/}
     * @return its rows
     * @throws IllegalArgumentException if a line has more or fewer fields than the header
     * @throws UncheckedIOException     if it cannot be read
     */
    public static SpecTable named(String fileName) {
        Path file = Repository.root().resolve("spec").resolve(fileName);
        try {
            return parse(fileName, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * The rows that hold this value in this column.
     *
     * @param column one of {@link #columns()}
     * @param value  the whole field
     * @return them, in the order of the file; empty if there are none
     */
    public List<Row> where(String column, String value) {
        return rows.stream().filter(row -> row.text(column).equals(value)).toList();
    }

    /**
     * The first row that holds this value in this column.
     *
     * @param column one of {@link #columns()}
     * @param value  the whole field
     * @return the row, or nothing
     */
    public Optional<Row> find(String column, String value) {
        return where(column, value).stream().findFirst();
    }

    static SpecTable parse(String name, List<String> lines) {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(name + " has no header line");
        }
        List<String> columns = fields(lines.get(0));
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            List<String> fields = fields(lines.get(i));
            if (fields.size() != columns.size()) {
                throw new IllegalArgumentException(
                        name + ":" + (i + 1) + " has " + fields.size() + " fields, not " + columns.size());
            }
            Map<String, String> values = new LinkedHashMap<>();
            for (int column = 0; column < columns.size(); column++) {
                values.put(columns.get(column), fields.get(column));
            }
            rows.add(new Row(name + ":" + (i + 1), values));
        }
        return new SpecTable(name, columns, rows);
    }

    private static List<String> fields(String line) {
        return Arrays.asList(line.split("\t", -1)); // -1: an empty last field is a field
    }

    /**
     * One line of a table.
     *
     * @param place  file and line number, for messages
     * @param values by column name
     */
    public record Row(String place, Map<String, String> values) {

        /** Keeps its own copy of the map. */
        public Row {
            Objects.requireNonNull(place, "place");
            values = Map.copyOf(values);
        }

        /**
         * A field as it stands in the file.
         *
         * @param column the column's name
         * @return its text, perhaps empty
         * @throws IllegalArgumentException if the table has no such column
         */
        public String text(String column) {
            String value = values.get(column);
            if (value == null) {
                throw new IllegalArgumentException(place + " has no column " + column);
            }
            return value;
        }

        /**
         * A field that holds a list, such as {@code PUBLISH,WILL}.
         *
         * @param column the column's name
         * @return its parts between the commas; empty for an empty field
         */
        public List<String> list(String column) {
            String text = text(column);
            return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
        }

        /**
         * A field that holds a decimal number.
         *
         * @param column the column's name
         * @return the number
         */
        public int number(String column) {
            return Integer.parseInt(text(column));
        }
    }
}
