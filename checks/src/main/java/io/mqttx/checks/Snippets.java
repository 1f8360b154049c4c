package io.mqttx.checks;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Compiles the Java code of the documentation, so that it cannot grow old unnoticed.
 *
 * <p>A block is a complete source file, or a fragment: then its imports are moved up and the rest stands in a method
 * {@code static void snippet() throws Exception}, with {@code java.util}, {@code java.util.concurrent},
 * {@code java.time}, {@code java.nio} and {@code java.nio.charset} imported.
 */
final class Snippets {
    private static final String IMPORTS = "import java.util.*; import java.util.concurrent.*; import java.time.*;"
            + " import java.nio.*; import java.nio.charset.*; ";

    private static final Pattern IMPORT = Pattern.compile("(?m)^\\s*import\\s[^;]*;");
    private static final Pattern PACKAGE = Pattern.compile("(?m)^\\s*package\\s[^;]*;");
    private static final Pattern ANNOTATION = Pattern.compile("@(?!interface\\b)[\\w.]+\\s*(\\([^)]*\\))?");
    private static final Pattern TYPE = Pattern.compile(
            "\\s*(?:(?:public|final|abstract|sealed|non-sealed|strictfp)\\s+)*"
                    + "(?:class|interface|record|enum|@interface)\\s+(\\w+).*",
            Pattern.DOTALL);

    private final JavaCompiler compiler;
    private final String classPath;
    private final Path output;

    /**
     * For blocks that use these classes.
     *
     * @param classPath where the classes are found
     * @param output    a folder for the class files, which nobody reads
     */
    Snippets(String classPath, Path output) {
        this.compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "this Java has no compiler");
        this.classPath = Objects.requireNonNull(classPath, "classPath");
        this.output = Objects.requireNonNull(output, "output");
    }

    /**
     * Compiles a block.
     *
     * @param place the file it stands in
     * @param block the block
     * @return one message for each error, starting with file and line; empty if it compiles
     */
    List<String> errors(String place, Markdown.Block block) throws IOException {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options =
                List.of("--release", "17", "-proc:none", "-Xlint:none", "-cp", classPath, "-d", output.toString());
        StringWriter rest = new StringWriter();
        boolean compiled = compiler.getTask(rest, null, diagnostics, options, null, List.of(source(block.code())))
                .call();

        List<String> errors = new ArrayList<>();
        for (Diagnostic<?> diagnostic : diagnostics.getDiagnostics()) {
            if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
                long line = block.line() + Math.max(diagnostic.getLineNumber(), 1) - 1;
                errors.add(place + ":" + line + ": " + diagnostic.getMessage(Locale.ROOT));
            }
        }
        if (!compiled && errors.isEmpty()) {
            errors.add(place + ":" + block.line() + ": " + rest);
        }
        return errors;
    }

    /** The block as a source file whose lines have the numbers of the block's. */
    private static Source source(String block) {
        String code = SourceFile.code(block);
        Matcher type = TYPE.matcher(blank(blank(blank(code, PACKAGE), IMPORT), ANNOTATION));
        if (type.matches()) {
            return new Source(type.group(1), block);
        }
        StringBuilder imports = new StringBuilder(IMPORTS);
        StringBuilder body = new StringBuilder(block);
        IMPORT.matcher(code).results().forEach(found -> {
            imports.append(found.group().strip()).append(' ');
            for (int i = found.start(); i < found.end(); i++) {
                if (body.charAt(i) != '\n') {
                    body.setCharAt(i, ' ');
                }
            }
        });
        return new Source(
                "Snippet", imports + "class Snippet { static void snippet() throws Exception { " + body + "\n}}\n");
    }

    private static String blank(String code, Pattern pattern) {
        return pattern.matcher(code).replaceAll(match -> match.group().replaceAll("[^\\n]", " "));
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String typeName, String text) {
            super(URI.create("string:///" + typeName + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
