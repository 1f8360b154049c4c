package io.mqttx.client.link;

import java.io.IOException;

/** The way to the server is barred. The message is a sentence for people: what was wrong, and no secrets. */
public final class LinkException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public LinkException(String message) {
        super(message);
    }

    /** What was wrong, and where it was found. */
    public LinkException(String message, Throwable cause) {
        super(message, cause);
    }
}
