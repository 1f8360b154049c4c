package io.mqttx.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The statements of the standard that a test proves: it fails when one of them is broken.
 *
 * <pre>{@code
 * @Test
 * @Statement("MQTT-3.3.1-2")
 * @Statement(value = "MQTT-3.3.1-2", version = Version.V3_1_1)
 * void dupIsRefusedAtQos0() {
 *     // ...
 * }
 * }</pre>
 *
 * <p>On a class it holds for the class as a whole, not for each of its methods.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Statement.All.class)
public @interface Statement {

    /**
     * The statements' ids.
     *
     * @return ids such as {@code MQTT-3.3.1-2}, or {@code P5-01} for a version 5 requirement without a number
     */
    String[] value();

    /**
     * The standard that numbers them so.
     *
     * @return version 5 unless said otherwise
     */
    Version version() default Version.V5;

    /** Several of them on one test: written by the compiler, never by hand. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target({ElementType.METHOD, ElementType.TYPE})
    @interface All {

        /**
         * The repeated annotations.
         *
         * @return them, in the order of the source
         */
        Statement[] value();
    }
}
