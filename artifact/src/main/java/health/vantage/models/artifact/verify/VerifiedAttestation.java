package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A statement about a manifest that a trusted key signed.
 *
 * @param predicateType the URI of what kind of statement it is
 * @param by the key and the form
 * @param predicate what is stated: a CycloneDX BOM, a SLSA provenance, a scan
 */
public record VerifiedAttestation(String predicateType, Verified by, ObjectNode predicate) {}
