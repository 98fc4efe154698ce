package health.vantage.models.runner.access;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A server's certificate with the key that belongs to it. */
record ServerIdentity(List<X509Certificate> chain, PrivateKey key) {
    private static final byte[] NONCE = new byte[32];

    /** @throws GeneralSecurityException when one cannot be read, or they do not belong together */
    static ServerIdentity parse(byte[] certificatePem, byte[] keyPem) throws GeneralSecurityException {
        ServerIdentity identity = new ServerIdentity(PemFile.certificates(certificatePem), PemFile.privateKey(keyPem));
        if (!identity.belongTogether()) {
            throw new InvalidKeyException("the private key is not that of the first certificate, "
                    + identity.leaf().getSubjectX500Principal()
                    + "; the server's own certificate comes first, its intermediates after it");
        }
        return identity;
    }

    X509Certificate leaf() {
        return chain.getFirst();
    }

    Instant expires() {
        return leaf().getNotAfter().toInstant();
    }

    /** A certificate that nobody accepts yet or any more must not take the place of one that works. */
    void checkReplaces(Optional<ServerIdentity> present, Instant now) throws CertificateException {
        if (!validAt(now) && present.filter(old -> old.validAt(now)).isPresent()) {
            // Without the time of now: what is said twice must be the same, or the log fills.
            throw new CertificateException("the certificate is valid from "
                    + leaf().getNotBefore().toInstant() + " to " + expires() + ", which is not now");
        }
    }

    boolean validAt(Instant now) {
        return !now.isBefore(leaf().getNotBefore().toInstant()) && !now.isAfter(expires());
    }

    private boolean belongTogether() throws GeneralSecurityException {
        PublicKey open = leaf().getPublicKey();
        String algorithm =
                switch (open.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> "EdDSA";
                };
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(NONCE);
            byte[] signature = signing.sign();
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(open);
            checking.update(NONCE);
            return checking.verify(signature);
        } catch (InvalidKeyException | SignatureException e) {
            // A key of another kind than the certificate's.
            return false;
        }
    }
}
