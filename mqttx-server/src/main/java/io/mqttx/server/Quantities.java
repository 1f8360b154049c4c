package io.mqttx.server;

import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.Rate;
import io.mqttx.transport.netty.IoMethod;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** How durations and rates are written on the command line. */
final class Quantities {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9})(ms|s|m|h)?");
    private static final Pattern RATE = Pattern.compile("(\\d{1,18})/(.+)");

    private Quantities() {}

    /** Teaches them, and the names of enums in lower case with hyphens. */
    static CommandLine teach(CommandLine command) {
        return command.registerConverter(Duration.class, Quantities::duration)
                .registerConverter(Rate.class, Quantities::rate)
                .registerConverter(IoMethod.class, text -> constant(IoMethod.class, text))
                .registerConverter(WhenExceeded.class, text -> constant(WhenExceeded.class, text))
                .registerConverter(WhenFull.class, text -> constant(WhenFull.class, text));
    }

    static Duration duration(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is no time such as 500ms, 10s, 15m or 1h");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2) == null ? "s" : matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofSeconds(count);
        };
    }

    static Rate rate(String text) {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is no rate such as 100/s or 600/10s");
        }
        String interval = matcher.group(2);
        boolean unitAlone = !Character.isDigit(interval.charAt(0));
        try {
            return new Rate(Long.parseLong(matcher.group(1)), duration(unitAlone ? "1" + interval : interval));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /** The constant of this name, written as {@code drop-newest}. */
    static <E extends Enum<E>> E constant(Class<E> type, String text) {
        try {
            return Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("'" + text + "' is none of " + names(type));
        }
    }

    private static <E extends Enum<E>> String names(Class<E> type) {
        StringBuilder names = new StringBuilder();
        for (E one : type.getEnumConstants()) {
            names.append(names.isEmpty() ? "" : ", ")
                    .append(one.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return names.toString();
    }
}
