package io.mqttx.protocol.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The server's half of one SCRAM-SHA-256 conversation (RFC 5802, RFC 7677), without channel binding. One thread at a
 * time, each method once and in this order:
 *
 * <pre>
 *   CONNECT  n,,n=user,r=nonce        {@link #userName}
 *   AUTH     r=nonces,s=salt,i=4096   {@link #challenge}
 *   AUTH     c=biws,r=nonces,p=proof  {@link #verify}
 *   CONNACK  v=signature
 * </pre>
 */
public final class ScramServer {
    /** The name of the mechanism, which is the authentication method. */
    public static final String METHOD = "SCRAM-SHA-256";

    private final String ownNonce;

    // Known from the client's first message on:
    private String header = ""; // what the client said about channel binding
    private String clientFirst = "";
    private String nonce = "";

    // Known from the challenge on:
    private String serverFirst = "";
    private ScramCredentials credentials; // null before

    /**
     * A conversation that has not begun.
     *
     * @param nonce printable ASCII without commas, unlike any before: 24 random characters, say
     */
    public ScramServer(String nonce) {
        this.ownNonce = ScramMessage.requireNonce(nonce);
    }

    /**
     * Reads the client's first message.
     *
     * @return who the client says that it is, prepared with SASLprep
     * @throws ScramException if the message is none, wants channel binding, or to act for somebody else
     */
    public String userName(ByteBuffer message) {
        ScramMessage said = ScramMessage.of(message);
        String binding = said.part();
        if (!binding.equals("n") && !binding.equals("y")) {
            throw new ScramException("channel binding, which is not offered");
        }
        String actingFor = said.part();
        clientFirst = said.rest();
        header = said.text().substring(0, said.text().length() - clientFirst.length());
        String name = SaslPrep.prepare(ScramMessage.decodedName(said.value('n')));
        if (!actingFor.isEmpty() && !actingFor.equals("a=" + ScramMessage.encodedName(name))) {
            throw new ScramException("a client that wants to act for somebody else");
        }
        nonce = ScramMessage.requireNonce(said.value('r')) + ownNonce;
        return name;
    }

    /** The answer: salt and iterations of this user, or of {@linkplain ScramCredentials#ofNobody nobody}. */
    public ByteBuffer challenge(ScramCredentials ofUser) {
        credentials = ofUser;
        serverFirst = "r=" + nonce + ",s=" + ScramMessage.base64(ofUser.salt()) + ",i=" + ofUser.iterations();
        return ByteBuffer.wrap(serverFirst.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads the client's last message.
     *
     * @return the answer, which proves that this server knows the user
     * @throws ScramException if the client does not know the password, or the message belongs to another conversation
     */
    public ByteBuffer verify(ByteBuffer message) {
        ScramMessage said = ScramMessage.of(message);
        String expected = ScramMessage.base64(header.getBytes(StandardCharsets.UTF_8));
        boolean sameBinding = said.value('c').equals(expected);
        boolean sameNonce = said.value('r').equals(nonce);
        int proofAt = said.text().lastIndexOf(",p=");
        if (!sameBinding || !sameNonce || proofAt < 0) {
            throw new ScramException("a last message that does not belong to the first");
        }
        byte[] proof = ScramMessage.bytesOf(said.text().substring(proofAt + 3));
        byte[] conversation = (clientFirst + "," + serverFirst + ","
                        + said.text().substring(0, proofAt))
                .getBytes(StandardCharsets.UTF_8);
        byte[] storedKey = credentials.storedKey();
        byte[] signature = ScramCrypto.hmac(storedKey, conversation);
        if (proof.length != signature.length
                || !MessageDigest.isEqual(ScramCrypto.hash(ScramCrypto.xor(proof, signature)), storedKey)) {
            throw new ScramException("a proof that proves nothing");
        }
        String answer = "v=" + ScramMessage.base64(ScramCrypto.hmac(credentials.serverKey(), conversation));
        return ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8));
    }
}
