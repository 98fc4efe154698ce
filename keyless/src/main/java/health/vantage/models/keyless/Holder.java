package health.vantage.models.keyless;

import dev.sigstore.VerificationOptions.CertificateMatcher;
import dev.sigstore.VerificationOptions.UncheckedCertificateException;
import dev.sigstore.strings.StringMatcher;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.Signatory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/** Whom a certificate of Fulcio is made out to. */
record Holder(String issuer, String subject) {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

    /** @throws Rejection if it is not a certificate for signing, or names nobody */
    static Holder of(X509Certificate leaf) throws Rejection {
        var issuer = new Seen();
        var subject = new Seen();
        try {
            List<String> usages = leaf.getExtendedKeyUsage();
            if (usages == null || !usages.contains(CODE_SIGNING)) {
                throw new Rejection("a certificate is not for signing code");
            }
            CertificateMatcher.fulcio()
                    .issuer(issuer)
                    .subjectAlternativeName(subject)
                    .build()
                    .test(leaf);
        } catch (CertificateParsingException | UncheckedCertificateException e) {
            throw new Rejection("a certificate names nobody", e);
        }
        return new Holder(issuer.text, subject.text);
    }

    Signatory trustedAs(KeylessIdentity wanted) {
        if (!wanted.issuer().matches(issuer)) {
            return new Signatory.Stranger("a certificate is of the issuer '" + issuer + "'");
        }
        return wanted.subject().matches(subject)
                ? new Signatory.Known(subject + " of " + issuer)
                : new Signatory.Stranger("a certificate is made out to '" + subject + "'");
    }

    /** Fulcio's certificates end after minutes: what was signed later was signed by anybody who found the key. */
    static void mustHaveBeenValid(X509Certificate leaf, Instant signed) throws Rejection {
        Date at = Date.from(signed);
        if (at.before(leaf.getNotBefore()) || at.after(leaf.getNotAfter())) {
            throw new Rejection("the log took a signature in at " + signed + ", and its certificate is for "
                    + leaf.getNotBefore().toInstant() + " to "
                    + leaf.getNotAfter().toInstant());
        }
    }

    /** sigstore-java reads the fields where Fulcio has them, old and new; it hands them to matchers only. */
    private static final class Seen implements StringMatcher {
        private String text = "";

        @Override
        public boolean test(String read) {
            text = read;
            return true;
        }
    }
}
