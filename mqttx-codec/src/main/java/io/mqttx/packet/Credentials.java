package io.mqttx.packet;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;

/**
 * User name and password of a CONNECT (§3.1.3.5, §3.1.3.6), each there or not. Never shown in text.
 */
public final class Credentials {
    /** Neither. */
    public static final Credentials NONE = new Credentials(Optional.empty(), Optional.empty());

    private final Optional<String> userName;
    private final Optional<ByteBuffer> password;

    private Credentials(Optional<String> userName, Optional<ByteBuffer> password) {
        this.userName = userName;
        this.password = password;
    }

    /** A user name alone. */
    public static Credentials of(String userName) {
        Checks.text(userName, "user name");
        return new Credentials(Optional.of(userName), Optional.empty());
    }

    /**
     * Both.
     *
     * @param password 0 to 65,535 bytes, copied
     */
    public static Credentials of(String userName, ByteBuffer password) {
        Checks.text(userName, "user name");
        return new Credentials(Optional.of(userName), Optional.of(copy(password)));
    }

    /**
     * A password alone, which only version 5 allows (§3.1.2.9).
     *
     * @param password 0 to 65,535 bytes, copied
     */
    public static Credentials ofPassword(ByteBuffer password) {
        return new Credentials(Optional.empty(), Optional.of(copy(password)));
    }

    /** The user name, if there is one; it may be empty. */
    public Optional<String> userName() {
        return userName;
    }

    /** The password as a read-only view, if there is one; it may be empty. */
    public Optional<ByteBuffer> password() {
        return password.map(ByteBuffer::duplicate);
    }

    /** Whether there is a user name. */
    public boolean hasUserName() {
        return userName.isPresent();
    }

    /** Whether there is a password. */
    public boolean hasPassword() {
        return password.isPresent();
    }

    /** How many bytes the password takes, its two length bytes not counted; 0 if there is none. */
    public int passwordLength() {
        return password.isPresent() ? password.get().remaining() : 0;
    }

    /** Writes the bytes of the password, without their length; none if there is none. */
    public void encodePasswordTo(ByteBuffer out) {
        if (password.isPresent()) {
            Checks.put(password.get(), out);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credentials credentials
                && userName.equals(credentials.userName)
                && password.equals(credentials.password);
    }

    @Override
    public int hashCode() {
        return Objects.hash(userName, password);
    }

    /** Says what is there, not what it is. */
    @Override
    public String toString() {
        return (userName.isPresent() ? "user name" : "no user name")
                + (password.isPresent() ? ", password" : ", no password");
    }

    private static ByteBuffer copy(ByteBuffer password) {
        ByteBuffer view = Checks.binary(password, "password");
        byte[] bytes = new byte[view.remaining()];
        view.duplicate().get(bytes);
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }
}
