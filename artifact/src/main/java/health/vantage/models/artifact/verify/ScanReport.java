package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A vulnerability scan in cosign's predicate. Sources: sigstore/cosign specs/COSIGN_VULN_ATTESTATION_SPEC.md, and the JSON
 * reports of Trivy ({@code Results[].Vulnerabilities[].Severity}) and Grype ({@code matches[].vulnerability.severity}) in
 * {@code scanner.result}.
 */
final class ScanReport {
    private ScanReport() {}

    /** Old scans stay attached; the one that knew the most counts. */
    static VerifiedAttestation newest(List<VerifiedAttestation> scans) {
        return scans.stream()
                .max(Comparator.comparing(scan -> finished(scan.predicate())))
                .orElseThrow();
    }

    private static Instant finished(ObjectNode predicate) {
        try {
            return OffsetDateTime.parse(
                            predicate.path("metadata").path("scanFinishedOn").asText(""))
                    .toInstant();
        } catch (DateTimeException e) {
            // A scan that does not say when it was made is older than any that does.
            return Instant.MIN;
        }
    }

    /** The worst finding; empty if the report is in no form that is read here, or has a severity nobody knows. */
    static Optional<Severity> worst(ObjectNode predicate) {
        JsonNode result = predicate.path("scanner").path("result");
        var findings = new ArrayList<JsonNode>();
        if (result.path("matches").isArray()) {
            result.path("matches")
                    .forEach(match -> findings.add(match.path("vulnerability").path("severity")));
        } else if (result.path("Results").isArray()) {
            result.path("Results").forEach(target -> target.path("Vulnerabilities")
                    .forEach(finding -> findings.add(finding.path("Severity"))));
        } else if (!result.has("SchemaVersion") || !result.has("ArtifactName")) {
            // Trivy leaves its results out where there was nothing to look at; anything else is not Trivy's.
            return Optional.empty();
        }
        var worst = Severity.NONE;
        for (JsonNode finding : findings) {
            Optional<Severity> severity = Severity.of(finding.asText(""));
            if (severity.isEmpty()) {
                return Optional.empty();
            }
            worst = worst.compareTo(severity.get()) < 0 ? severity.get() : worst;
        }
        return Optional.of(worst);
    }
}
