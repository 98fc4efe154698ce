package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/**
 * What a node demands of an artifact before it serves it: the deployment's {@code spec.verify}, with the keys and roots
 * themselves in place of the Secrets that hold them. Texts and no enums, so that a runner that is older than a word still
 * reads the object, and refuses that one model.
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Verification(
        @JsonPropertyDescription("PEM public keys; any one suffices")
        List<String> publicKeys,

        @JsonPropertyDescription("The identity in place of keys")
        Keyless keyless,

        @JsonPropertyDescription("Attestations that must be there, under cosign's names")
        List<String> attestations,

        @JsonPropertyDescription("The worst finding that a vulnerability scan may have")
        String maxSeverity) {
    /** Takes everything. */
    public static final Verification NONE = new Verification(null, null, null, null);

    public Verification {
        publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
        attestations = attestations == null ? List.of() : List.copyOf(attestations);
    }

    public static Verification keys(List<String> pems) {
        return new Verification(pems, null, null, null);
    }

    /** @param trustedRoot the JSON itself; null for the public-good instance's */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Keyless(
            String issuer, String issuerRegExp, String subject, String subjectRegExp, String trustedRoot) {}
}
