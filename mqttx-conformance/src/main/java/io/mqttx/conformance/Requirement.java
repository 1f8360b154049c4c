package io.mqttx.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something that a standard demands: a numbered statement, or a sentence without a number that {@code spec/README.md}
 * numbers.
 *
 * @param version  the standard
 * @param id       unique inside of the version
 * @param section  where it stands
 * @param role     who must obey: {@code client}, {@code server}, {@code both}, or {@code codec}
 * @param testable {@code yes}, {@code partly} or {@code no}
 * @param summary  what it says, in short
 */
public record Requirement(Version version, String id, String section, String role, String testable, String summary) {
    private static final Pattern UNNUMBERED =
            Pattern.compile("\\| (P5-\\d+) \\| ([^|]+) \\| (client|server|both|codec) \\| ([^|]+) \\|");

    /** Checks that everything is there. */
    public Requirement {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(section, "section");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(testable, "testable");
        Objects.requireNonNull(summary, "summary");
    }

    /** Whether it binds nobody but clients. */
    public boolean bindsClientsOnly() {
        return role.equals("client");
    }

    /** What both versions demand, in the order of the tables. */
    public static List<Requirement> all() {
        List<Requirement> all = new ArrayList<>();
        for (Version version : Version.values()) {
            for (SpecTable.Row row : SpecTable.statements(version).rows()) {
                all.add(new Requirement(
                        version,
                        row.text("id"),
                        row.text("section"),
                        row.text("role"),
                        row.text("testable"),
                        row.text("summary")));
            }
        }
        Path readme = Repository.root().resolve("spec").resolve("README.md");
        try {
            all.addAll(unnumbered(Files.readAllLines(readme)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + readme, e);
        }
        return all;
    }

    /** The rows of the table of sentences without a number. */
    static List<Requirement> unnumbered(List<String> lines) {
        List<Requirement> found = new ArrayList<>();
        for (String line : lines) {
            Matcher row = UNNUMBERED.matcher(line);
            if (row.matches()) {
                found.add(new Requirement(Version.V5, row.group(1), row.group(2), row.group(3), "yes", row.group(4)));
            } else if (line.startsWith("| P5-")) {
                throw new IllegalArgumentException("spec/README.md has a row that cannot be read: " + line);
            }
        }
        return found;
    }
}
