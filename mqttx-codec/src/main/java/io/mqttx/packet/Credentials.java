package io.mqttx.packet;

import io.mqttx.wire.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * User name and password of a CONNECT (§3.1.3.5, §3.1.3.6), each there or not. Never shown in text.
 */
public final class Credentials {
    /** Neither. */
    public static final Credentials NONE = new Credentials(null, null);

    private final String userName; // null if there is none
    private final byte[] password; // null if there is none

    private Credentials(String userName, byte[] password) {
        this.userName = userName;
        this.password = password;
    }

    /** A user name alone. */
    public static Credentials of(String userName) {
        Checks.text(userName, "user name");
        return new Credentials(userName, null);
    }

    /**
     * Both.
     *
     * @param password 0 to 65,535 bytes, copied
     */
    public static Credentials of(String userName, ByteBuffer password) {
        Checks.text(userName, "user name");
        return new Credentials(userName, copy(password));
    }

    /**
     * A password alone, which only version 5 allows (§3.1.2.9).
     *
     * @param password 0 to 65,535 bytes, copied
     */
    public static Credentials ofPassword(ByteBuffer password) {
        return new Credentials(null, copy(password));
    }

    /** The user name, if there is one; it may be empty. */
    public Optional<String> userName() {
        return Optional.ofNullable(userName);
    }

    /** The password as a read-only view, if there is one; it may be empty. */
    public Optional<ByteBuffer> password() {
        return Optional.ofNullable(password).map(bytes -> ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    /** Whether there is a user name. */
    public boolean hasUserName() {
        return userName != null;
    }

    /** Whether there is a password. */
    public boolean hasPassword() {
        return password != null;
    }

    /** How many bytes the password takes, its two length bytes not counted; 0 if there is none. */
    public int passwordLength() {
        return password == null ? 0 : password.length;
    }

    /** Writes the bytes of the password, without their length; none if there is none. */
    public void encodePasswordTo(ByteBuffer out) {
        if (password != null) {
            out.put(password);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credentials credentials
                && Objects.equals(userName, credentials.userName)
                && Arrays.equals(password, credentials.password);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hashCode(userName) + Arrays.hashCode(password);
    }

    /** Says what is there, not what it is. */
    @Override
    public String toString() {
        return (hasUserName() ? "user name" : "no user name") + (hasPassword() ? ", password" : ", no password");
    }

    private static byte[] copy(ByteBuffer password) {
        if (password.remaining() > Utf8.MAX_LENGTH) {
            throw ProtocolException.malformed(
                    "password takes " + password.remaining() + " bytes, at most 65535 (§1.5.6)");
        }
        byte[] bytes = new byte[password.remaining()];
        password.get(password.position(), bytes);
        return bytes;
    }
}
