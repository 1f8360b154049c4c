package io.mqttx.protocol.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;

/** The attributes of a SCRAM message one by one (RFC 5802, section 5): {@code r=nonce,s=salt,i=4096}. */
final class ScramMessage {
    private static final Pattern NAME = Pattern.compile("(?:[^=]|=2C|=3D)+");
    private static final int LARGEST = 4096; // bytes; much more than names and nonces take

    private final String text;
    private int at;

    private ScramMessage(String text) {
        this.text = text;
    }

    /** To be read from its beginning. */
    static ScramMessage of(ByteBuffer bytes) {
        if (bytes.remaining() > LARGEST) {
            throw new ScramException("a message of " + bytes.remaining() + " bytes, at most " + LARGEST);
        }
        try {
            return new ScramMessage(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(bytes.duplicate())
                    .toString());
        } catch (CharacterCodingException e) {
            throw new ScramException("a message that is no UTF-8");
        }
    }

    String text() {
        return text;
    }

    /** What is left to be read. */
    String rest() {
        return text.substring(at);
    }

    /** The text up to the next comma, which is read as well. */
    String part() {
        int comma = text.indexOf(',', at);
        int end = comma < 0 ? text.length() : comma;
        String part = text.substring(Math.min(at, end), end);
        at = Math.min(text.length(), end + 1);
        return part;
    }

    /** The value of the next attribute, which has this name. */
    String value(char name) {
        String part = part();
        if (part.length() < 2 || part.charAt(0) != name || part.charAt(1) != '=') {
            throw new ScramException("a message without its attribute " + name);
        }
        return part.substring(2);
    }

    static byte[] bytesOf(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ScramException("an attribute that is no base64");
        }
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A nonce: printable ASCII without commas, at least one character. */
    static String requireNonce(String nonce) {
        if (nonce.isEmpty() || !nonce.chars().allMatch(c -> c > 0x20 && c < 0x7F && c != ',')) {
            throw new ScramException("a nonce that is none");
        }
        return nonce;
    }

    /** A name on the wire, where commas and equals signs are written otherwise. */
    static String encodedName(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    static String decodedName(String encoded) {
        if (!NAME.matcher(encoded).matches()) {
            throw new ScramException("a name with an equals sign that stands for nothing");
        }
        return encoded.replace("=2C", ",").replace("=3D", "="); // in this order: =3D2C is a name with =2C in it
    }
}
