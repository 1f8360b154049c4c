package io.mqttx.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the program logs: one line for each thing that happened, with a stack trace only for our own errors. */
final class Logs {
    private Logs() {}

    /** Makes the console say it our way. */
    static void configure() {
        for (Handler handler : Logger.getLogger("").getHandlers()) {
            handler.setFormatter(new OneLine());
        }
    }

    private static final class OneLine extends Formatter {

        @Override
        public String format(LogRecord entry) {
            StringWriter text = new StringWriter();
            text.append(Time.FORMAT.format(entry.getInstant()))
                    .append(' ')
                    .append(entry.getLevel().getName())
                    .append(' ')
                    .append(formatMessage(entry))
                    .append(System.lineSeparator());
            if (entry.getThrown() != null) {
                entry.getThrown().printStackTrace(new PrintWriter(text, true));
            }
            return text.toString();
        }
    }

    /** Made for the first line, not for every start: time zones are much to load. */
    private static final class Time {
        private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                        "yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
                .withZone(ZoneId.systemDefault());
    }
}
