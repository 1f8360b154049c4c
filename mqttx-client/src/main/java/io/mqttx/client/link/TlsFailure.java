package io.mqttx.client.link;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Says in a sentence why TLS failed: what the engine throws says it three causes deep, and not to everybody. */
final class TlsFailure {
    private static final String ALERT = "Received fatal alert: ";
    private static final Set<String> ABOUT_OUR_CERTIFICATE = Set.of(
            "bad_certificate",
            "unsupported_certificate",
            "certificate_revoked",
            "certificate_expired",
            "certificate_unknown",
            "unknown_ca",
            "access_denied",
            "certificate_required");

    private static final Pattern NAME_OF_ALERT = Pattern.compile("^\\([a-z_]+\\) "); // newer JDKs begin with it

    private TlsFailure() {}

    static LinkException of(SSLException error) {
        Throwable cause = error;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            Optional<String> sentence = sentence(cause);
            if (sentence.isPresent()) {
                return new LinkException(sentence.get(), error);
            }
            cause = cause.getCause();
        }
        return new LinkException("TLS failed: " + message(error), error);
    }

    private static Optional<String> sentence(Throwable cause) {
        String message = message(cause);
        if (cause instanceof CertificateExpiredException) {
            return Optional.of("the certificate of the server has expired: " + message);
        }
        if (cause instanceof CertificateNotYetValidException) {
            return Optional.of("the certificate of the server is not valid yet: " + message);
        }
        if (cause instanceof CertPathBuilderException) {
            return Optional.of("the certificate of the server is by no authority that is trusted here");
        }
        if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
            return Optional.of("the certificate of the server is for another name: " + message);
        }
        if (message.startsWith(ALERT)) {
            return Optional.of(refusal(message.substring(ALERT.length())));
        }
        if (message.startsWith("Unsupported or unrecognized SSL message")
                || message.startsWith("Unrecognized SSL message")) {
            return Optional.of("the server does not speak TLS at this port");
        }
        return Optional.empty();
    }

    private static String refusal(String alert) {
        return ABOUT_OUR_CERTIFICATE.contains(alert.toLowerCase(Locale.ROOT))
                ? "the server does not accept the certificate of this client, or misses one: " + alert
                : "the server refused TLS: " + alert;
    }

    private static String message(Throwable error) {
        String message =
                NAME_OF_ALERT.matcher(String.valueOf(error.getMessage())).replaceFirst("");
        return HttpHead.shown(message);
    }
}
