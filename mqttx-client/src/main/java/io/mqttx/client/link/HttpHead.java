package io.mqttx.client.link;

import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an HTTP/1 response (RFC 9112).
 *
 * @param status the code
 * @param answer code and reason phrase, fit to be shown
 * @param fields values by name in lower case; those of a name that comes again are joined with commas
 */
record HttpHead(int status, String answer, Map<String, String> fields) {
    /** Bytes of the largest head that is taken. */
    static final int LARGEST = 16 << 10;

    private static final String START = "HTTP/1.";
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.\\d (\\d{3})(?: (.*))?");
    private static final Pattern FIELD_LINE = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(.*?)[ \\t]*");

    HttpHead {
        fields = Map.copyOf(fields);
    }

    /** Reads up to the empty line that ends the head, and no further. */
    static HttpHead read(Incoming in) throws IOException {
        Lines lines = new Lines(in);
        String first = lines.next();
        Matcher status = STATUS_LINE.matcher(first);
        if (!status.matches()) {
            throw notHttp(in, first);
        }
        Map<String, String> fields = new HashMap<>();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            Matcher field = FIELD_LINE.matcher(line);
            if (!field.matches()) {
                throw new LinkException("the " + in.peer() + " sends a broken header: " + shown(line));
            }
            fields.merge(field.group(1).toLowerCase(Locale.ROOT), field.group(2), (one, other) -> one + ", " + other);
        }
        int code = Integer.parseInt(status.group(1));
        return new HttpHead(code, shown(status.group(2) == null ? "" + code : code + " " + status.group(2)), fields);
    }

    /** The value of a field; empty if it is missing. */
    String field(String name) {
        return fields.getOrDefault(name, "");
    }

    /** Text of a stranger, without what could upset a log or a terminal, and not too much of it. */
    static String shown(String text) {
        String start = text.length() > 100 ? text.substring(0, 100) + "..." : text;
        return start.replaceAll("[^ -~]", "?");
    }

    private static LinkException notHttp(Incoming in, String start) {
        return new LinkException("the " + in.peer() + " does not speak HTTP: it sends " + shown(start));
    }

    /** The lines of a head, all of them together bounded. */
    private static final class Lines {
        private final Incoming in;
        private int length;

        Lines(Incoming in) {
            this.in = in;
        }

        String next() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.next(); next != '\n'; next = in.next()) {
                boolean first = length == line.length();
                line.append((char) next);
                if (++length > LARGEST) {
                    throw new LinkException(
                            "the head of the answer of the " + in.peer() + " has over " + LARGEST + " bytes");
                }
                if (first && length <= START.length() && next != START.charAt(length - 1)) {
                    throw notHttp(in, line.toString()); // now: it may be waiting for us
                }
            }
            int end = line.length();
            return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
        }
    }
}
