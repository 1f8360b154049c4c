package io.mqttx.server;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/** What was said behind a command. A mistake in it is an {@link IllegalArgumentException} whose message names the word. */
final class Words {
    private final CommandLine said;

    private Words(CommandLine said) {
        this.said = said;
    }

    /** An option that is said or not. */
    static Option flag(String name, String description) {
        return Option.builder().longOpt(name).desc(description).get();
    }

    /** An option with a value: what kind of, in capital letters. */
    static Option option(String name, String value, String description) {
        return Option.builder()
                .longOpt(name)
                .hasArg()
                .argName(value)
                .desc(description)
                .get();
    }

    /**
     * Reads words that are options, each said once at most, and nothing else.
     *
     * @throws IllegalArgumentException with a sentence
     */
    static Words read(List<Option> known, List<String> words) {
        Options options = new Options();
        known.forEach(options::addOption);
        try {
            CommandLine said = DefaultParser.builder()
                    .setAllowPartialMatching(false) // what is short today may be ambiguous tomorrow
                    .setStripLeadingAndTrailingQuotes(false)
                    .get()
                    .parse(options, words.toArray(String[]::new));
            check(said);
            return new Words(said);
        } catch (UnrecognizedOptionException e) {
            throw new IllegalArgumentException(e.getOption() + " is no option", e);
        } catch (MissingArgumentException e) {
            throw new IllegalArgumentException(needsValue(e.getOption()), e);
        } catch (ParseException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static void check(CommandLine said) {
        if (!said.getArgList().isEmpty()) {
            throw new IllegalArgumentException("'" + said.getArgList().get(0) + "' is no option");
        }
        Set<String> seen = new HashSet<>();
        for (Option option : said.getOptions()) {
            if (!seen.add(option.getKey())) {
                throw new IllegalArgumentException(name(option) + " is said twice");
            }
            if (option.hasArg() && option.getValue().isEmpty()) {
                throw new IllegalArgumentException(needsValue(option));
            }
        }
    }

    private static String needsValue(Option option) {
        return name(option) + " needs a value: " + option.getArgName();
    }

    /** The option as it is written. */
    static String name(Option option) {
        return "--" + option.getLongOpt();
    }

    /** Whether it was said. */
    boolean has(Option option) {
        return said.hasOption(option);
    }

    /** The value of an option, as it was written. */
    Optional<String> text(Option option) {
        return Optional.ofNullable(said.getOptionValue(option));
    }

    /** The value of an option, if it was said; what {@code reading} does not like about it names the option. */
    <T> Optional<T> value(Option option, Function<String, T> reading) {
        return text(option).map(text -> {
            try {
                return reading.apply(text);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name(option) + ": " + e.getMessage(), e);
            }
        });
    }
}
