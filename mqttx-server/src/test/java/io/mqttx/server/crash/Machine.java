package io.mqttx.server.crash;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** What the broker runs on. */
interface Machine {
    /** Which goes on when a process is killed: what the broker handed to the operating system is there. */
    Machine NORMAL = new Machine() {};

    /** What the broker's environment needs, asked before each start. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** The broker was killed, and is gone. */
    default void stopped(Path directory) throws IOException {}
}
