package io.mqttx.protocol.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The functions of RFC 5802, section 2.2, with SHA-256. */
final class ScramCrypto {
    static final int LENGTH = 32; // bytes of a key and of a proof

    private static final String HMAC = "HmacSHA256"; // every JDK has it

    private ScramCrypto() {}

    static byte[] hmac(byte[] key, byte[] text) {
        return mac(key).doFinal(text);
    }

    static byte[] hmac(byte[] key, String text) {
        return hmac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] hash(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without SHA-256", e);
        }
    }

    /** Hi(): PBKDF2 with an output of one block. Slow by intent. */
    static byte[] saltedPassword(String password, byte[] salt, int iterations) {
        Mac mac = mac(SaslPrep.prepare(password).getBytes(StandardCharsets.UTF_8));
        byte[] last = mac.doFinal(
                ByteBuffer.allocate(salt.length + 4).put(salt).putInt(1).array());
        byte[] result = last.clone();
        for (int i = 1; i < iterations; i++) {
            last = mac.doFinal(last);
            xorInto(result, last);
        }
        return result;
    }

    static byte[] xor(byte[] a, byte[] b) {
        byte[] result = a.clone();
        xorInto(result, b);
        return result;
    }

    static byte[] clientKey(byte[] saltedPassword) {
        return hmac(saltedPassword, "Client Key");
    }

    static byte[] serverKey(byte[] saltedPassword) {
        return hmac(saltedPassword, "Server Key");
    }

    private static void xorInto(byte[] result, byte[] other) {
        for (int i = 0; i < result.length; i++) {
            result[i] ^= other[i];
        }
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac;
        } catch (InvalidKeyException e) {
            throw new IllegalArgumentException("no key", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a JDK without " + HMAC, e);
        }
    }
}
