package health.vantage.models.keyless;

import health.vantage.models.artifact.verify.CertificateCheck;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.KeylessModule;

/** The check of certificates, with sigstore-java. */
public final class SigstoreModule implements KeylessModule {
    @Override
    public CertificateCheck open(KeylessIdentity identity) {
        return SigstoreCheck.of(TrustedRoots.read(identity.trustedRoot()), identity);
    }
}
