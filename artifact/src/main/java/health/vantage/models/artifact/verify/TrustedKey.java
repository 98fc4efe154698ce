package health.vantage.models.artifact.verify;

import health.vantage.models.artifact.Digest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/**
 * A public key that may vouch for models.
 *
 * @param keyId the first 16 hex digits of the SHA-256 of its DER form
 * @param algorithm the JDK's name of the signature algorithm that cosign uses with such a key
 */
public record TrustedKey(String keyId, PublicKey key, String algorithm) {
    private static final int LONGEST = 16 << 10;
    private static final int SMALLEST_RSA = 2048;

    /** @throws IllegalArgumentException saying what is wrong with the key */
    public static TrustedKey parse(String pem) {
        byte[] der = Pem.decode(pem, "PUBLIC KEY", LONGEST);
        for (String type : List.of("EC", "RSA", "Ed25519")) {
            try {
                PublicKey key = KeyFactory.getInstance(type).generatePublic(new X509EncodedKeySpec(der));
                return new TrustedKey(keyId(key), key, algorithm(key));
            } catch (GeneralSecurityException e) {
                // Another type of key, then; if none fits, the sentence below says so.
            }
        }
        throw new IllegalArgumentException(
                "The public key is not an ECDSA, RSA or Ed25519 key; use the cosign.pub that 'cosign generate-key-pair' wrote");
    }

    static String keyId(PublicKey key) {
        return Digest.of(key.getEncoded()).hex().substring(0, 16);
    }

    /** How cosign 3 hints at the key: base64 of the SHA-256 of its DER form. A hint is not trust. */
    static String hint(PublicKey key) {
        return Base64.getEncoder().encodeToString(Digest.sha256().digest(key.getEncoded()));
    }

    static String algorithm(PublicKey key) {
        return switch (key) {
            case ECPublicKey ec -> {
                int bits = ec.getParams().getOrder().bitLength();
                yield switch (bits) {
                    case 256 -> "SHA256withECDSA";
                    case 384 -> "SHA384withECDSA";
                    case 521 -> "SHA512withECDSA";
                    default ->
                        throw new IllegalArgumentException(
                                "The public key is on a curve of " + bits + " bits; use P-256, P-384 or P-521");
                };
            }
            case RSAPublicKey rsa
            when rsa.getModulus().bitLength() < SMALLEST_RSA ->
                throw new IllegalArgumentException("The RSA key has "
                        + rsa.getModulus().bitLength() + " bits; at least " + SMALLEST_RSA + " are needed");
            case RSAPublicKey _ -> "SHA256withRSA";
            case EdECPublicKey _ -> "Ed25519";
            default -> throw new IllegalArgumentException("The public key is of the kind " + key.getAlgorithm());
        };
    }

    boolean verifies(byte[] message, byte[] signature) {
        try {
            Signature check = Signature.getInstance(algorithm);
            check.initVerify(key);
            check.update(message);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature that cannot even be read is one that does not hold.
            return false;
        }
    }
}
