package io.mqttx.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from PEM files (RFC 7468). */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----([^-]*)-----END \\1-----");

    // version 0, and the algorithm rsaEncryption without parameters (RFC 5208 §5, RFC 8017 A.1)
    private static final byte[] RSA_KEY = HexFormat.of().parseHex("020100300D06092A864886F70D0101010500");

    private Pem() {}

    /** All certificates of a file, in their order; at least one. */
    static List<Certificate> certificates(Path file) {
        try {
            List<Certificate> certificates = List.copyOf(CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))));
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("there is no certificate in " + file);
            }
            return certificates;
        } catch (IOException | GeneralSecurityException e) {
            throw unusable("certificates", file, e);
        }
    }

    /** The private key of a file, which belongs to this public one. */
    static PrivateKey privateKey(Path file, PublicKey belongsTo) {
        try {
            Matcher key = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (!key.find()) {
                throw new IllegalArgumentException("there is no private key in " + file);
            }
            byte[] der = Base64.getMimeDecoder().decode(key.group(2));
            byte[] pkcs8 = switch (key.group(1)) {
                case "PRIVATE KEY" -> der;
                case "RSA PRIVATE KEY" -> fromPkcs1(der);
                default ->
                    throw new IllegalArgumentException("the private key in " + file
                            + " is neither PKCS #8 without password nor PKCS #1; openssl pkcs8 -topk8 -nocrypt"
                            + " makes it so");
            };
            return KeyFactory.getInstance(belongsTo.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (IOException | GeneralSecurityException e) {
            throw unusable("private key", file, e);
        }
    }

    static KeyStore emptyStore() throws GeneralSecurityException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (IOException e) {
            throw new IllegalStateException("nothing was read", e);
        }
    }

    private static byte[] fromPkcs1(byte[] key) {
        byte[] octets = der(0x04, key);
        byte[] content = new byte[RSA_KEY.length + octets.length];
        System.arraycopy(RSA_KEY, 0, content, 0, RSA_KEY.length);
        System.arraycopy(octets, 0, content, RSA_KEY.length, octets.length);
        return der(0x30, content);
    }

    /** Tag, length in two bytes, content. */
    private static byte[] der(int tag, byte[] content) {
        byte[] whole = new byte[4 + content.length];
        whole[0] = (byte) tag;
        whole[1] = (byte) 0x82;
        whole[2] = (byte) (content.length >>> 8);
        whole[3] = (byte) content.length;
        System.arraycopy(content, 0, whole, 4, content.length);
        return whole;
    }

    private static IllegalArgumentException unusable(String what, Path file, Exception cause) {
        return new IllegalArgumentException("cannot read the " + what + " in " + file + ": " + cause, cause);
    }
}
