package io.mqttx.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the broker logs as an error, here instead of on the console. */
public final class LogLines extends Handler implements AutoCloseable {
    private final Logger logger = Logger.getLogger("io.mqttx.broker");
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String> traces = new CopyOnWriteArrayList<>();

    public LogLines() {
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** The errors since the last call. */
    public List<String> takeErrors() {
        List<String> taken = List.copyOf(errors);
        errors.clear();
        return taken;
    }

    /** What was logged with a stack trace since the last call, at whatever level. */
    public List<String> takeTraces() {
        List<String> taken = List.copyOf(traces);
        traces.clear();
        return taken;
    }

    @Override
    public void publish(LogRecord line) {
        if (line.getThrown() != null) {
            traces.add(line.getMessage() + ": " + line.getThrown());
        }
        if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
            errors.add(line.getMessage());
        }
    }

    @Override
    public void flush() {
        // nothing is kept back
    }

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
