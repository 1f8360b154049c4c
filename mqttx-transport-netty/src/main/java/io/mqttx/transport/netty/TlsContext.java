package io.mqttx.transport.netty;

import io.mqttx.broker.api.TlsOptions;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/** The certificate of a listener, read again when its files have changed. Safe for all threads. */
final class TlsContext {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private static final long LOOK_AGAIN_NANOS = 5_000_000_000L;

    private final TlsOptions options;
    private volatile SslContext context;
    private List<FileTime> times; // of the files that the context was made of; guarded by this
    private volatile long lookedAt = System.nanoTime();

    /** Reads the files. */
    TlsContext(TlsOptions options) {
        this.options = options;
        this.times = timesOf(options);
        this.context = read(options);
    }

    /** The one to greet the next client with. */
    SslContext current() {
        if (System.nanoTime() - lookedAt > LOOK_AGAIN_NANOS) {
            lookAgain();
        }
        return context;
    }

    private synchronized void lookAgain() {
        lookedAt = System.nanoTime();
        try {
            List<FileTime> now = timesOf(options);
            if (!now.equals(times)) {
                context = read(options);
                times = now;
                LOG.log(Level.INFO, "read the certificate in " + options.certificates() + " again");
            }
        } catch (UncheckedIOException e) {
            // The old one is better than none: the files may be half written.
            LOG.log(Level.WARNING, "kept the old certificate: " + e.getCause().getMessage());
        }
    }

    private static SslContext read(TlsOptions options) {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            options.certificates().toFile(),
                            options.privateKey().toFile())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .clientAuth(clientAuth(options));
            options.clientCa().ifPresent(authorities -> builder.trustManager(authorities.toFile()));
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            String why = e.getCause() == null
                    ? e.getMessage()
                    : e.getMessage() + ": " + e.getCause().getMessage();
            throw new UncheckedIOException(
                    new IOException("cannot use the certificate in " + options.certificates() + ": " + why, e));
        }
    }

    private static ClientAuth clientAuth(TlsOptions options) {
        return switch (options.clientAuth()) {
            case NONE -> ClientAuth.NONE;
            case OPTIONAL -> ClientAuth.OPTIONAL;
            case REQUIRED -> ClientAuth.REQUIRE;
        };
    }

    private static List<FileTime> timesOf(TlsOptions options) {
        List<Path> files = new ArrayList<>(List.of(options.certificates(), options.privateKey()));
        options.clientCa().ifPresent(files::add);
        List<FileTime> times = new ArrayList<>();
        for (Path file : files) {
            try {
                times.add(Files.getLastModifiedTime(file));
            } catch (IOException e) {
                throw new UncheckedIOException(new IOException("cannot read " + file, e));
            }
        }
        return times;
    }
}
