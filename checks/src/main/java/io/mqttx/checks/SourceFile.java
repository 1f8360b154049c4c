package io.mqttx.checks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Java source file as text.
 *
 * @param module the folder of its Maven module
 * @param place  its path below the repository's root, for messages
 * @param text   what stands in it
 */
record SourceFile(String module, String place, String text) {
    private static final Pattern PACKAGE = Pattern.compile("(?m)^\\s*package\\s+([\\w.]+)\\s*;");

    // In this order, so that a quote in a comment opens no string and a slash in a string opens no comment.
    private static final Pattern NO_CODE = Pattern.compile(
            "/\\*.*?\\*/" // comment
                    + "|//[^\\n]*" // comment to the end of the line
                    + "|\"\"\".*?(?<!\\\\)\"\"\"" // text block
                    + "|\"(?:[^\"\\\\\\n]|\\\\.)*+\"" // string
                    + "|'(?:[^'\\\\\\n]|\\\\.)+'", // character
            Pattern.DOTALL);

    SourceFile {
        Objects.requireNonNull(module, "module");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(text, "text");
    }

    /** All sources below a module's folder such as {@code src/main/java}, in the order of their paths. */
    static List<SourceFile> below(Path root, String module, String folder) throws IOException {
        Path sources = root.resolve(module).resolve(folder);
        if (!Files.isDirectory(sources)) {
            return List.of();
        }
        List<SourceFile> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".java")).sorted().toList()) {
                String place = root.relativize(file).toString().replace('\\', '/');
                found.add(new SourceFile(module, place, Files.readString(file)));
            }
        }
        return found;
    }

    /** Whether this describes a module and not a package: javac itself holds that one to account. */
    boolean isModuleInfo() {
        return place.endsWith("module-info.java");
    }

    /** The package it declares, or an empty string. */
    String packageName() {
        Matcher declared = PACKAGE.matcher(code(text));
        return declared.find() ? declared.group(1) : "";
    }

    /** Its lines with comments and literals blanked out: as many lines as the file has. */
    List<String> codeLines() {
        return List.of(code(text).split("\n", -1));
    }

    long lineCount() {
        return text.lines().count();
    }

    /** A text with comments and literals blanked out, every line and column where it was. */
    static String code(String text) {
        return NO_CODE.matcher(text).replaceAll(match -> match.group().replaceAll("[^\\n]", " "));
    }
}
