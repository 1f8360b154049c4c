package io.mqttx.conformance;

/**
 * The standard that a statement is taken from.
 *
 * <p>There is no value for both: many numbers mean something else in the other version, so a test that
 * proves the same rule in both names it twice.
 */
public enum Version {
    /** MQTT 3.1.1 (29 October 2014). */
    V3_1_1("3.1.1"),

    /** MQTT 5.0 (7 March 2019), with the local ids {@code P5-nn} for requirements that have no number. */
    V5("5.0");

    private final String number;

    Version(String number) {
        this.number = number;
    }

    /**
     * What the standard calls itself.
     *
     * @return such as {@code 3.1.1}
     */
    public String number() {
        return number;
    }

    /**
     * The file in {@code spec/} that lists this version's statements.
     *
     * @return a file name, for {@link SpecTable#named}
     */
    public String tableName() {
        return "mqtt-" + number + "-statements.tsv";
    }
}
