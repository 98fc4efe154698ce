package health.vantage.models.runner.store;

import health.vantage.models.api.Verification;
import health.vantage.models.artifact.ArtifactException.KeyMissing;
import health.vantage.models.artifact.verify.KeylessIdentity;
import health.vantage.models.artifact.verify.TrustPolicy;
import java.util.Optional;

/** From the words of an instruction to the policy that is applied. */
public final class Policies {
    private Policies() {}

    /** @throws KeyMissing if it demands something that this runner does not know: a newer operator may */
    public static TrustPolicy of(Verification wanted) {
        try {
            return TrustPolicy.parse(
                    wanted.publicKeys(),
                    Optional.ofNullable(wanted.keyless())
                            .map(k -> KeylessIdentity.of(
                                    k.issuer(), k.issuerRegExp(), k.subject(), k.subjectRegExp(), k.trustedRoot())),
                    wanted.attestations(),
                    wanted.maxSeverity());
        } catch (IllegalArgumentException e) {
            throw new KeyMissing("This runner cannot verify what is demanded: " + e.getMessage(), e);
        }
    }
}
