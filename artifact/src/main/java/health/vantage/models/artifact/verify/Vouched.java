package health.vantage.models.artifact.verify;

import java.util.List;

/**
 * That an artifact comes with what a policy demands.
 *
 * @param attested one for each demanded type, in their order
 */
public record Vouched(Verified signed, List<VerifiedAttestation> attested) {}
