package io.mqttx.checks;

import io.github.classgraph.AnnotationInfo;
import io.github.classgraph.AnnotationInfoList;
import io.github.classgraph.AnnotationParameterValueList;
import io.github.classgraph.ClassGraph;
import io.github.classgraph.ClassInfo;
import io.github.classgraph.MethodInfo;
import io.github.classgraph.ScanResult;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which tests say that they prove what, read from compiled classes without loading them.
 *
 * @param all in the order of their tests
 */
record Proofs(List<Proof> all) {
    private static final String JUNIT = "org.junit.jupiter.";
    private static final Set<String> TESTS = Set.of(
            JUNIT + "api.Test",
            JUNIT + "api.RepeatedTest",
            JUNIT + "api.TestFactory",
            JUNIT + "params.ParameterizedTest");

    Proofs {
        all = all.stream()
                .sorted(Comparator.comparing(Proof::test)
                        .thenComparing(Proof::version)
                        .thenComparing(Proof::id))
                .toList();
    }

    /**
     * One statement that one test proves.
     *
     * @param version the standard
     * @param id      the statement's
     * @param test    such as {@code ConnectTest.theNameIsChecked}, or a class alone if all of it proves that
     */
    record Proof(Version version, String id, String test) {
        Proof {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(test, "test");
        }
    }

    /**
     * What the classes in these folders say.
     *
     * @throws IllegalStateException if a method claims to prove something and is no test that runs
     */
    static Proofs in(List<Path> folders) {
        List<Proof> found = new ArrayList<>();
        try (ScanResult scan = new ClassGraph()
                .overrideClasspath(folders.stream().map(Path::toString).toList())
                .enableAnnotationInfo()
                .enableMethodInfo()
                .ignoreClassVisibility()
                .ignoreMethodVisibility()
                .scan()) {
            for (ClassInfo type : scan.getAllClasses()) {
                add(found, type.getAnnotationInfo(), type.getSimpleName());
                for (MethodInfo method : type.getDeclaredMethodInfo()) {
                    add(found, method, type.getSimpleName() + "." + method.getName());
                }
            }
        }
        return new Proofs(found);
    }

    private static void add(List<Proof> found, MethodInfo method, String name) {
        int before = found.size();
        add(found, method.getAnnotationInfo(), name);
        boolean runs = method.getAnnotationInfo().getNames().stream().anyMatch(TESTS::contains)
                && !method.hasAnnotation(JUNIT + "api.Disabled");
        if (found.size() > before && !runs) {
            throw new IllegalStateException(name + " says that it proves something, and is no test that runs");
        }
    }

    private static void add(List<Proof> found, AnnotationInfoList annotations, String test) {
        for (AnnotationInfo annotation : annotations) {
            AnnotationParameterValueList values = annotation.getParameterValues(false);
            if (annotation.getName().equals(Statement.class.getName())) {
                add(found, values, test);
            } else if (annotation.getName().equals(Statement.All.class.getName())) {
                for (Object each : (Object[]) values.getValue("value")) {
                    add(found, ((AnnotationInfo) each).getParameterValues(false), test);
                }
            }
        }
    }

    private static void add(List<Proof> found, AnnotationParameterValueList values, String test) {
        Object said = values.getValue("version"); // null: the default
        Version version = said == null ? Version.V5 : Version.valueOf(nameOf(said));
        for (Object id : (Object[]) values.getValue("value")) {
            found.add(new Proof(version, id.toString(), test));
        }
    }

    /** An enum constant is read as its type and its name. */
    private static String nameOf(Object constant) {
        String text = constant.toString();
        return text.substring(text.lastIndexOf('.') + 1);
    }
}
