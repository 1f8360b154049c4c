package io.mqttx.checks;

import io.mqttx.conformance.Requirement;
import io.mqttx.conformance.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the standards demand beside the tests that prove it.
 *
 * @param requirements in the order of the standards
 * @param proofs       what the tests say
 * @param exceptions   what no test can prove, and why
 */
record Traceability(List<Requirement> requirements, Proofs proofs, List<Untested> exceptions) {
    /** How the reason of an exception begins that is to go away again: its test may come before the line goes. */
    static final String NOT_YET = "Not yet";

    Traceability {
        requirements = List.copyOf(requirements);
        Objects.requireNonNull(proofs, "proofs");
        exceptions = List.copyOf(exceptions);
    }

    /** One that no test proves, with the reason. */
    record Untested(Version version, String id, String reason) {
        Untested {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(reason, "reason");
        }
    }

    private record Key(Version version, String id) {}

    /**
     * One requirement with all that is known of it.
     *
     * @param tests     those that prove it, perhaps none
     * @param exception why there is none; empty if nobody gave a reason
     */
    record Row(Requirement requirement, List<String> tests, String exception) {
        Row {
            Objects.requireNonNull(requirement, "requirement");
            tests = List.copyOf(tests);
            Objects.requireNonNull(exception, "exception");
        }

        boolean isOpen() {
            return tests.isEmpty() && exception.isEmpty();
        }
    }

    /** Every requirement once. */
    List<Row> rows() {
        Map<Key, List<String>> tests = new HashMap<>();
        for (Proofs.Proof proof : proofs.all()) {
            List<String> of = tests.computeIfAbsent(new Key(proof.version(), proof.id()), key -> new ArrayList<>());
            if (!of.contains(proof.test())) {
                of.add(proof.test());
            }
        }
        Map<Key, String> reasons = new HashMap<>();
        exceptions.forEach(each -> reasons.put(new Key(each.version(), each.id()), each.reason()));
        return requirements.stream()
                .map(each -> {
                    Key key = new Key(each.version(), each.id());
                    return new Row(each, tests.getOrDefault(key, List.of()), reasons.getOrDefault(key, ""));
                })
                .toList();
    }

    /** What is wrong, one sentence for each fault; empty if all is well. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        List<Row> rows = rows();
        for (Row row : rows) {
            Requirement each = row.requirement();
            String name = each.version().number() + " " + each.id();
            if (row.isOpen()) {
                faults.add(name + " (" + each.role() + ") has no test: " + each.summary());
            } else if (!row.tests().isEmpty()
                    && !row.exception().isEmpty()
                    && !row.exception().startsWith(NOT_YET)) {
                faults.add(name + " is an exception, and yet there is "
                        + row.tests().get(0));
            }
        }
        for (Proofs.Proof proof : proofs.all()) {
            if (isUnknown(proof.version(), proof.id())) {
                faults.add(proof.test() + " proves " + proof.id() + ", which is not in "
                        + proof.version().number());
            }
        }
        for (Untested exception : exceptions) {
            if (isUnknown(exception.version(), exception.id())) {
                faults.add("the exception " + exception.id() + " is not in "
                        + exception.version().number());
            }
        }
        return faults;
    }

    private boolean isUnknown(Version version, String id) {
        return requirements.stream()
                .noneMatch(each -> each.version() == version && each.id().equals(id));
    }
}
