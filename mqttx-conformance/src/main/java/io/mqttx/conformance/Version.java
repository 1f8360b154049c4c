package io.mqttx.conformance;

/**
 * The standard that a statement is taken from.
 *
 * <p>There is no value for both: many numbers mean something else in the other version, so a test that
 * proves the same rule in both names it twice.
 */
public enum Version {
    /** MQTT 3.1.1 (29 October 2014). */
    V3_1_1("mqtt-3.1.1-statements.tsv"),

    /** MQTT 5.0 (7 March 2019), with the local ids {@code P5-nn} for requirements that have no number. */
    V5("mqtt-5.0-statements.tsv");

    private final String tableName;

    Version(String tableName) {
        this.tableName = tableName;
    }

    /**
     * The file in {@code spec/} that lists this version's statements.
     *
     * @return a file name, for {@link SpecTable#named}
     */
    public String tableName() {
        return tableName;
    }
}
