package health.vantage.models.artifact.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How bad a vulnerability is, in the words of Trivy; Grype's are mapped on them. In their order. */
public enum Severity {
    NONE,
    UNKNOWN,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    /** Empty for a word that neither scanner uses. */
    static Optional<Severity> of(String word) {
        String name = word.equalsIgnoreCase("negligible") ? "LOW" : word.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(severity -> severity.name().equals(name))
                .findFirst();
    }
}
