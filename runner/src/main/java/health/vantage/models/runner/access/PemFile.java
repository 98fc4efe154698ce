package health.vantage.models.runner.access;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys as people have them: RFC 7468, and what openssl and cert-manager write beside it. */
final class PemFile {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519");

    private PemFile() {}

    /** @throws CertificateException when there is none, or one of them is none */
    static List<X509Certificate> certificates(byte[] pem) throws CertificateException {
        StringBuilder only = new StringBuilder();
        blocks(pem).stream()
                .filter(block -> block.group(1).equals("CERTIFICATE"))
                .forEach(block -> only.append(block.group()).append('\n'));
        List<X509Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(only.toString().getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
        if (certificates.isEmpty()) {
            throw new CertificateException("there is no -----BEGIN CERTIFICATE----- in it");
        }
        return certificates;
    }

    /** @throws GeneralSecurityException when there is none that can be read; its message holds nothing of the file */
    static PrivateKey privateKey(byte[] pem) throws GeneralSecurityException {
        for (MatchResult block : blocks(pem)) {
            Optional<byte[]> pkcs8 =
                    switch (block.group(1)) {
                        case "PRIVATE KEY" -> Optional.of(decoded(block));
                        case "RSA PRIVATE KEY" -> Optional.of(Der.pkcs8OfRsa(decoded(block)));
                        case "EC PRIVATE KEY" -> Optional.of(Der.pkcs8OfEc(decoded(block)));
                        case "ENCRYPTED PRIVATE KEY" ->
                            throw new InvalidKeySpecException("the key is encrypted; give one without a password");
                        default -> Optional.empty();
                    };
            if (pkcs8.isPresent()) {
                return key(pkcs8.get());
            }
        }
        throw new InvalidKeySpecException("there is no private key in it");
    }

    private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // Another algorithm's.
                continue;
            }
        }
        throw new InvalidKeySpecException("the private key is none of " + ALGORITHMS);
    }

    private static byte[] decoded(MatchResult block) throws InvalidKeySpecException {
        try {
            return Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new InvalidKeySpecException("the private key is no base64", e);
        }
    }

    private static List<MatchResult> blocks(byte[] pem) {
        Matcher matcher = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        return matcher.results().toList();
    }
}
