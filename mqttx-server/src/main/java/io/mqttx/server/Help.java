package io.mqttx.server;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.Option;

/** The help for a command: its options in two columns, 80 characters wide. */
final class Help {
    private static final int WIDTH = 80;
    private static final int COLUMN = 29; // where descriptions begin
    private static final String FURTHER = "  "; // before the further lines of one

    private final StringBuilder text = new StringBuilder();

    /** Adds a paragraph. */
    Help paragraph(String words) {
        return lines("", wrapped(words, WIDTH));
    }

    /** Adds a heading, behind an empty line. */
    Help heading(String words) {
        text.append(System.lineSeparator()).append(words).append(System.lineSeparator());
        return this;
    }

    /** Adds options, in this order. */
    Help options(List<Option> options) {
        for (Option option : options) {
            row(left(option), option.getDescription());
        }
        return this;
    }

    /** Adds a line of two columns; a wide left one has a line of its own. */
    Help row(String left, String description) {
        List<String> right = wrapped(description, WIDTH - COLUMN - FURTHER.length());
        String first = left;
        if (left.length() >= COLUMN) {
            lines("", List.of(left));
            first = "";
        }
        lines(first + " ".repeat(COLUMN - first.length()), right.subList(0, 1));
        return lines(" ".repeat(COLUMN) + FURTHER, right.subList(1, right.size()));
    }

    private static String left(Option option) {
        String brief = option.getOpt() == null ? "      " : "  -" + option.getOpt() + ", ";
        return brief + Words.name(option) + (option.hasArg() ? "=" + option.getArgName() : "");
    }

    private Help lines(String before, List<String> lines) {
        lines.forEach(line -> text.append(before).append(line).append(System.lineSeparator()));
        return this;
    }

    private static List<String> wrapped(String words, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : words.split(" ", -1)) {
            if (line.length() + 1 + word.length() > width && !line.isEmpty()) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
