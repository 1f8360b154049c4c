package io.mqttx.client;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Reads certificates and keys from PEM files (RFC 7468). */
final class Pem {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);

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

    /** The private key of a file, which belongs to this public one. The password is for one that is encrypted. */
    static PrivateKey privateKey(Path file, String password, PublicKey belongsTo) {
        try {
            Matcher key = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            if (!key.find()) {
                throw new IllegalArgumentException("there is no private key in " + file);
            }
            byte[] der = Base64.getMimeDecoder().decode(key.group(2));
            boolean plain = key.group(2).indexOf(':') < 0; // else headers, which tell of an older way to encrypt
            KeySpec spec = switch (plain ? key.group(1) : "") {
                case "PRIVATE KEY" -> new PKCS8EncodedKeySpec(der);
                case "ENCRYPTED PRIVATE KEY" -> decrypted(new EncryptedPrivateKeyInfo(der), password);
                case "RSA PRIVATE KEY" -> new PKCS8EncodedKeySpec(fromPkcs1(der));
                default ->
                    throw new IllegalArgumentException("the private key in " + file
                            + " is neither PKCS #8 nor PKCS #1 without password; openssl pkcs8 -topk8 makes it so");
            };
            return KeyFactory.getInstance(belongsTo.getAlgorithm()).generatePrivate(spec);
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

    /** By PBES2 (RFC 8018 §6.2), whose parameters know the name of the cipher, or by what else the JDK knows. */
    private static KeySpec decrypted(EncryptedPrivateKeyInfo key, String password)
            throws IOException, GeneralSecurityException {
        if (password.isEmpty()) {
            throw new IOException("it is encrypted, and there is no password for it");
        }
        AlgorithmParameters how = key.getAlgParameters();
        String name = key.getAlgName().equals("PBES2") ? how.toString() : key.getAlgName();
        Cipher cipher = Cipher.getInstance(name);
        PBEKeySpec secret = new PBEKeySpec(password.toCharArray());
        cipher.init(Cipher.DECRYPT_MODE, SecretKeyFactory.getInstance(name).generateSecret(secret), how);
        try {
            return key.getKeySpec(cipher);
        } catch (InvalidKeySpecException e) {
            throw new IOException("the password is wrong", e);
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
