package io.mqttx.checks;

import io.mqttx.conformance.Requirement;
import io.mqttx.conformance.Version;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * {@link Traceability} for people, as Markdown and as HTML.
 *
 * @param rows what there is to tell
 */
record TraceabilityReport(List<Traceability.Row> rows) {

    TraceabilityReport {
        Objects.requireNonNull(rows, "rows");
        rows = List.copyOf(rows);
    }

    /** How many there are, as the lines of a Markdown table. */
    String counts() {
        StringBuilder table = new StringBuilder("""
                | Standard | statements | bind clients alone | proved by tests | exceptions |
                | --- | --- | --- | --- | --- |
                """);
        for (Version version : Version.values()) {
            addCounts(table, version.number(), row -> row.version() == version && !isUnnumbered(row));
        }
        addCounts(table, "5.0, sentences without a number", TraceabilityReport::isUnnumbered);
        return table.toString();
    }

    private void addCounts(StringBuilder table, String name, Predicate<Requirement> of) {
        List<Traceability.Row> all =
                rows.stream().filter(row -> of.test(row.requirement())).toList();
        long clients =
                all.stream().filter(row -> row.requirement().bindsClientsOnly()).count();
        long open = all.stream().filter(Traceability.Row::isOpen).count();
        long excused = all.stream().filter(row -> !row.exception().isEmpty()).count();
        table.append("| %s | %d | %d | %d | %d |%n"
                .formatted(name, all.size(), clients, all.size() - open - excused, excused));
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Statements of the standards and the tests that prove them\n\n");
        text.append(counts()).append('\n');
        text.append("| Version | Id | Section | Binds | Testable | Says | Tests |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- |\n");
        for (Traceability.Row row : rows) {
            Requirement each = row.requirement();
            text.append("| ").append(String.join(" | ", cells(each))).append(" | ");
            text.append(proof(row, "<br>").replace("|", "\\|")).append(" |\n");
        }
        return text.toString();
    }

    String html() {
        StringBuilder text = new StringBuilder("""
                <!DOCTYPE html>
                <html lang="en">
                <meta charset="utf-8">
                <title>Statements of the standards and the tests that prove them</title>
                <style>
                body { font: 14px sans-serif; margin: 2em }
                table { border-collapse: collapse }
                td, th { border: 1px solid #ccc; padding: 4px 8px; text-align: left; vertical-align: top }
                .open td { background: #fdd }
                .exception td { background: #ffd }
                </style>
                <h1>Statements of the standards and the tests that prove them</h1>
                <p>Red: no test. Yellow: no test, for the reason given.</p>
                <table>
                <tr><th>Version<th>Id<th>Section<th>Binds<th>Testable<th>Says<th>Tests
                """);
        for (Traceability.Row row : rows) {
            String kind = row.isOpen() ? "open" : row.exception().isEmpty() ? "proved" : "exception";
            text.append("<tr class=\"").append(kind).append("\">");
            for (String cell : cells(row.requirement())) {
                text.append("<td>").append(escaped(cell));
            }
            text.append("<td>").append(proof(row, "<br>")).append('\n');
        }
        return text.append("</table>\n</html>\n").toString();
    }

    private static boolean isUnnumbered(Requirement each) {
        return each.id().startsWith("P5-");
    }

    private static List<String> cells(Requirement each) {
        return List.of(
                each.version().number(), each.id(), each.section(), each.role(), each.testable(), each.summary());
    }

    private static String proof(Traceability.Row row, String separator) {
        return row.tests().isEmpty() ? escaped(row.exception()) : String.join(separator, row.tests());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
