package health.vantage.models.artifact.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The attestations that a policy may demand, under the names that {@code cosign --type} has for them. */
public enum AttestationType {
    SLSAPROVENANCE1("https://slsa.dev/provenance/v1"),
    CYCLONEDX("https://cyclonedx.org/bom"),
    VULN("https://cosign.sigstore.dev/attestation/vuln/v1");

    private final String predicateType;

    AttestationType(String predicateType) {
        this.predicateType = predicateType;
    }

    /** The URI in the statement's {@code predicateType}. */
    public String predicateType() {
        return predicateType;
    }

    /** The name for flags: {@code slsaprovenance1}, {@code cyclonedx}, {@code vuln}. */
    public String flag() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is none of that name, listing them */
    public static AttestationType of(String flag) {
        return Arrays.stream(values())
                .filter(type -> type.flag().equals(flag))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no attestation type '" + flag
                        + "'; there are "
                        + Arrays.stream(values()).map(AttestationType::flag).collect(Collectors.joining(", "))));
    }
}
