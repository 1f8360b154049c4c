package io.mqttx.broker.limits;

import java.util.Locale;

/** Text from strangers on its way into a log: short, on one line, and unable to look like anything else. */
public final class Quoted {
    private static final int LONGEST = 80; // characters

    private Quoted() {}

    /** The text between quotes, cut after 80 characters, whatever is not printable ASCII escaped. */
    public static String of(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        int length = Math.min(text.length(), LONGEST);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c >= 0x20 && c < 0x7F) {
                quoted.append(c);
            } else {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return quoted.append(text.length() > LONGEST ? "\"..." : "\"").toString();
    }
}
