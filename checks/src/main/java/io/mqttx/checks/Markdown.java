package io.mqttx.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Markdown file: its blocks of code and its links.
 *
 * @param place its path below the repository's root, for messages
 * @param text  what stands in it
 */
record Markdown(String place, String text) {
    private static final Pattern FENCE = Pattern.compile("\\s*(```+|~~~+)\\s*(.*)");
    private static final Pattern CODE_IN_A_LINE = Pattern.compile("(`+).*?\\1");
    private static final Pattern LINK =
            Pattern.compile("\\[[^\\]]*]\\(\\s*<?([^)\\s>]+)>?[^)]*\\)|^\\[[^\\]]+]:\\s*(\\S+)");
    private static final Pattern ELSEWHERE = Pattern.compile("(?i)[a-z][a-z0-9+.-]*:.*|#.*");

    Markdown {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(text, "text");
    }

    /**
     * A block between two fences.
     *
     * @param info what stands behind the opening fence, such as {@code java}
     * @param line where its first line of code stands in the file, counted from 1
     * @param code its text
     */
    record Block(String info, int line, String code) {

        /** Whether it is marked as Java, with or without further words. */
        boolean isJava() {
            return info.toLowerCase(Locale.ROOT).matches("java\\b.*");
        }
    }

    /**
     * A link to a file of this repository.
     *
     * @param target its path as written, without anchor
     * @param line   where it stands, counted from 1
     */
    record Link(String target, int line) {}

    /** The files that readers find: those of the root, and all below {@code docs}. */
    static List<Markdown> of(Path root) throws IOException {
        List<Markdown> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(root)) {
            addMarkdown(root, files, found);
        }
        Path docs = root.resolve("docs");
        if (Files.isDirectory(docs)) {
            try (Stream<Path> files = Files.walk(docs)) {
                addMarkdown(root, files, found);
            }
        }
        return found;
    }

    /** Its fenced blocks, in order. */
    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        walk((line, number) -> {}, blocks);
        return blocks;
    }

    /** Its links to files, outside of code. */
    List<Link> fileLinks() {
        List<Link> links = new ArrayList<>();
        walk(
                (line, number) -> {
                    Matcher link = LINK.matcher(CODE_IN_A_LINE
                            .matcher(line)
                            .replaceAll(code -> "x".repeat(code.group().length())));
                    while (link.find()) {
                        String target = link.group(1) == null ? link.group(2) : link.group(1);
                        if (!ELSEWHERE.matcher(target).matches()) {
                            links.add(new Link(target.replaceFirst("#.*", ""), number));
                        }
                    }
                },
                new ArrayList<>());
        return links;
    }

    private interface Prose {
        void line(String line, int number);
    }

    private void walk(Prose prose, List<Block> blocks) {
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher open = FENCE.matcher(lines.get(i));
            if (!open.matches()) {
                prose.line(lines.get(i), i + 1);
                continue;
            }
            int first = i + 1;
            List<String> code = new ArrayList<>();
            for (i++; i < lines.size() && !closes(lines.get(i), open.group(1)); i++) {
                code.add(lines.get(i));
            }
            blocks.add(new Block(open.group(2).strip(), first + 1, String.join("\n", code) + "\n"));
        }
    }

    private static boolean closes(String line, String fence) {
        String stripped = line.strip();
        return stripped.startsWith(fence)
                && stripped.replace(fence.substring(0, 1), "").isEmpty();
    }

    private static void addMarkdown(Path root, Stream<Path> files, List<Markdown> found) throws IOException {
        for (Path file :
                files.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
            found.add(new Markdown(root.relativize(file).toString().replace('\\', '/'), Files.readString(file)));
        }
    }
}
