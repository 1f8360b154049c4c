package io.mqttx.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentationTest {

    /** Blocks that may say {@code java no-compile}, each with its whole code. There is no good reason for one yet. */
    private static final Set<String> NOT_COMPILED = Set.of();

    @TempDir
    private Path classes;

    @Test
    void theJavaInTheDocumentationCompiles() throws IOException {
        List<String> errors = new ArrayList<>();
        for (Markdown file : Markdown.of(Repository.root())) {
            errors.addAll(errorsIn(file));
        }

        assertEquals(List.of(), errors, () -> "Errors:\n" + String.join("\n", errors) + "\n");
    }

    @Test
    void theReadmeShowsJava() throws IOException {
        Markdown readme =
                new Markdown("README.md", Files.readString(Repository.root().resolve("README.md")));

        assertTrue(readme.blocks().stream().anyMatch(Markdown.Block::isJava));
    }

    @Test
    void linksToFilesLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Markdown file : Markdown.of(Repository.root())) {
            Path folder = Repository.root().resolve(file.place()).getParent();
            for (Markdown.Link link : file.fileLinks()) {
                if (!Files.exists(folder.resolve(link.target()))) {
                    broken.add(file.place() + ":" + link.line() + ": " + link.target());
                }
            }
        }

        assertEquals(List.of(), broken);
    }

    @Test
    void aFragmentMayImportAndThrow() throws IOException {
        assertEquals(List.of(), errorsIn("""
                ```java
                import java.nio.file.Files;

                List<Duration> waits = new ArrayList<>(); // java.util and java.time come by themselves
                Files.delete(java.nio.file.Path.of("x"));
                ```
                """));
    }

    @Test
    void aCompleteFileStandsOnItsOwnImports() throws IOException {
        assertEquals(List.of(), errorsIn("""
                ```java
                package demo;

                import io.mqttx.conformance.Statement;

                /** A class that is public, and so must find its file. */
                @Statement({"P5-01", "P5-02"})
                public final class Demo {}
                ```
                """));
        assertTrue(errorsIn("```java\nclass A { List<String> names; }\n```\n")
                .toString()
                .contains("class List"));
    }

    @Test
    void anErrorIsNamedWithFileAndLine() throws IOException {
        List<String> errors = errorsIn("""
                # Title

                ```java
                import java.util.concurrent.atomic.AtomicLong;

                long fine = new AtomicLong().get();
                int wrong = "text";
                ```
                """);

        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.get(0).startsWith("some.md:7: "), errors.get(0));
        assertTrue(errors.get(0).contains("String cannot be converted to int"), errors.get(0));
    }

    @Test
    void aBlockMayNotExcuseItself() throws IOException {
        List<String> errors = errorsIn("```java no-compile\nnot java\n```\n");

        assertEquals(List.of("some.md:2: only \"```java\" is allowed, not \"```java no-compile\""), errors);
    }

    @Test
    void linksAreReadOutsideOfCodeOnly() {
        Markdown file = new Markdown("some.md", """
                See [the plan](ARCHITECTURE.md#rooms "title") and [a page](https://example.org/), [below](#here),
                but `[not](this.md)`, nor
                ```
                [this](either.md)
                ```
                [last]: docs/last.md
                """);

        assertEquals(
                List.of(new Markdown.Link("ARCHITECTURE.md", 1), new Markdown.Link("docs/last.md", 6)),
                file.fileLinks());
    }

    private List<String> errorsIn(String markdown) throws IOException {
        return errorsIn(new Markdown("some.md", markdown));
    }

    private List<String> errorsIn(Markdown file) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Snippets snippets = new Snippets(classPath, classes);
        List<String> errors = new ArrayList<>();
        for (Markdown.Block block : file.blocks()) {
            if (block.info().equals("java")) {
                errors.addAll(snippets.errors(file.place(), block));
            } else if (block.isJava() && !NOT_COMPILED.contains(block.code())) {
                errors.add(file.place() + ":" + block.line() + ": only \"```java\" is allowed, not \"```" + block.info()
                        + "\"");
            }
        }
        return errors;
    }
}
