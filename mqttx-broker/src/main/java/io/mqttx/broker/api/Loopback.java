package io.mqttx.broker.api;

import java.util.regex.Pattern;

/** Addresses of this machine, as links write them: {@code 127.0.0.1:50000}, {@code [::1]:50000}. */
final class Loopback {
    private static final Pattern ADDRESS =
            Pattern.compile("127(\\.\\d{1,3}){3}:\\d+|\\[(::1|0:0:0:0:0:0:0:1)(%\\w+)?]:\\d+|unix socket");

    private Loopback() {}

    static boolean isSourceOf(String remoteAddress) {
        return ADDRESS.matcher(remoteAddress).matches();
    }
}
