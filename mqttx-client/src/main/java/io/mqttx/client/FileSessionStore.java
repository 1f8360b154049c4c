package io.mqttx.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;

/**
 * Keeps each session in a file of its own, written at its end alone: it is whole after the death of the process at any
 * byte, and what was not written to its end is cut off and logged. A file that has grown is written anew in the place of
 * the old one. The file is locked: one process at a time, one client at a time.
 *
 * <p>What is on disk before what leaves: the message before its PUBLISH, the answer of the server before PUBREL, the
 * taking over before PUBREC, its end before PUBCOMP. That an exchange is complete may be forgotten, which costs one
 * packet. So a QoS 2 message goes from this client to the server once, whenever the process dies; and from the server to
 * the application once, unless the process dies between the end of its callback and PUBREC: then it is told again.
 */
final class FileSessionStore implements SessionStore {
    private static final int READABLE = 40; // characters of a file's name that show the client identifier

    private final Path directory;

    FileSessionStore(Path directory) {
        this.directory = Objects.requireNonNull(directory, "directory");
    }

    @Override
    public StoredSession open(String clientId) throws IOException {
        Files.createDirectories(directory);
        return FileSession.open(directory, nameOf(clientId));
    }

    /** A client identifier may hold anything; names that differ in case alone are one on some disks. */
    static String nameOf(String clientId) {
        String readable = clientId.replaceAll("[^a-zA-Z0-9-]", "_");
        byte[] hash = sha256().digest(clientId.getBytes(StandardCharsets.UTF_8));
        return readable.substring(0, Math.min(READABLE, readable.length()))
                + "-"
                + HexFormat.of().formatHex(hash, 0, 8);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
