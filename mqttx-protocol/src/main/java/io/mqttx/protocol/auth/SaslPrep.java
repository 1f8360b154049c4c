package io.mqttx.protocol.auth;

import java.text.Normalizer;

/**
 * User names and passwords made comparable: SASLprep (RFC 4013), as far as the JDK goes.
 *
 * <p>Kinds of space become a space, characters that are invisible by intent go, what is left is normalised (NFKC), and
 * controls, private use, surrogates, non-characters, tags and what changes the display are refused, as are texts that
 * mix directions. Unlike RFC 4013, which knows the characters of Unicode 3.2 and no others, normalisation and
 * unassigned characters are those of the JDK's own Unicode: names in younger characters are taken, not refused.
 */
final class SaslPrep {
    private SaslPrep() {}

    /**
     * The prepared text.
     *
     * @throws ScramException if a character is prohibited, or nothing is left
     */
    static String prepare(String text) {
        if (text.chars().allMatch(c -> c >= 0x20 && c < 0x7F) && !text.isEmpty()) {
            return text; // nothing changes in plain ASCII
        }
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints()
                .filter(c -> !isMappedToNothing(c))
                .map(SaslPrep::mapped)
                .forEach(mapped::appendCodePoint);
        String prepared = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        if (prepared.isEmpty() || prepared.codePoints().anyMatch(SaslPrep::isProhibited) || mixesDirections(prepared)) {
            throw new ScramException("text with characters that a name or password may not hold (RFC 4013)");
        }
        return prepared;
    }

    private static int mapped(int c) {
        return c != ' ' && Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c;
    }

    /** RFC 3454, table B.1. */
    private static boolean isMappedToNothing(int c) {
        return c == 0xAD
                || c == 0x34F
                || c == 0x1806
                || c >= 0x180B && c <= 0x180D
                || c >= 0x200B && c <= 0x200D
                || c == 0x2060
                || c >= 0xFE00 && c <= 0xFE0F
                || c == 0xFEFF;
    }

    /** RFC 3454, tables C.2 to C.9; spaces (C.1.2) are mapped before. */
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> c >= 0xFFF9 && c <= 0xFFFD || c >= 0x2FF0 && c <= 0x2FFB || c == 0x340 || c == 0x341;
        };
    }

    /** RFC 3454, section 6: right-to-left letters stand at both ends and without left-to-right ones, or not at all. */
    private static boolean mixesDirections(String text) {
        if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
            return false;
        }
        boolean both = text.codePoints()
                .anyMatch(c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT);
        return both || !isRightToLeft(text.codePointAt(0)) || !isRightToLeft(text.codePointBefore(text.length()));
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
