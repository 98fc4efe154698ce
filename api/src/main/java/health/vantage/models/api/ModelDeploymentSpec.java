package health.vantage.models.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Optional;

/** What should be served where. Defaults are filled here as well as in the schema: objects can be older than it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ModelDeploymentSpec(
        @Required @JsonPropertyDescription("Which model, and how its version is chosen")
        ModelSource model,

        @Required
        @Size(min = 1, max = 8)
        @JsonPropertyDescription("ComputeTier names; their order is FirstFit's preference")
        List<String> tiers,

        @Default("EveryTier")
        @JsonPropertyDescription("EveryTier: all tiers must serve it. FirstFit: the first tier on which it fits")
        Placement placement,

        @Default("{}") Resolve resolve,

        @JsonPropertyDescription("Who must have signed the artifact")
        Verify verify,

        @Default("{}") Rollout rollout,

        @Default("0")
        @Min(-1000)
        @Max(1000)
        @JsonPropertyDescription("Who gets contended GPU memory: higher first, then older, then UID")
        Integer priority,

        @Default("3")
        @Min(1)
        @Max(20)
        @JsonPropertyDescription("Versions each node keeps in its cache, beside the active one")
        Integer historyLimit,

        @Default("false") @JsonPropertyDescription("Start no new rollout; what serves keeps serving")
        Boolean paused) {

    public ModelDeploymentSpec {
        tiers = tiers == null ? List.of() : List.copyOf(tiers);
        placement = placement == null ? Placement.EveryTier : placement;
        resolve = resolve == null ? new Resolve(null, null) : resolve;
        rollout = rollout == null ? new Rollout(null, null, null, null, null, null, null) : rollout;
        priority = priority == null ? 0 : priority;
        historyLimit = historyLimit == null ? 3 : historyLimit;
        paused = paused != null && paused;
    }

    /** On which of its tiers a model goes. */
    public enum Placement {
        EveryTier,
        FirstFit
    }

    /** When tags are looked at again. */
    public enum ResolvePolicy {
        /** Every {@code interval}. */
        Poll,
        /** Once per generation of the spec. */
        Once,
        /** Only when the {@link ApiGroup#RESOLVE_ANNOTATION} changes. */
        Manual
    }

    /** How often tags are resolved to digests. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Resolve(
            @Default("Poll") ResolvePolicy policy,

            @Default("5m")
            @Pattern(Span.PATTERN)
            @JsonPropertyDescription("Time between two looks at the registry, such as 5m")
            String interval) {
        public Resolve {
            policy = policy == null ? ResolvePolicy.Poll : policy;
            interval = interval == null ? "5m" : interval;
        }
    }

    /** Who must have signed the artifact, and what they must attest of it. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "has(self.publicKeys) != has(self.keyless)",
            message = "set exactly one of verify.publicKeys and verify.keyless")
    @ValidationRule(
            value = "!has(self.maxSeverity) || (has(self.attestations) && 'vuln' in self.attestations)",
            message = "verify.maxSeverity limits a vulnerability scan: demand vuln in verify.attestations")
    public record Verify(
            @Size(min = 1, max = 10)
            @JsonPropertyDescription("Any one of these keys suffices, which is how keys are rotated")
            List<PublicKey> publicKeys,

            @JsonPropertyDescription("In place of keys: the identity in a certificate of Sigstore's Fulcio")
            Keyless keyless,

            @Size(min = 1, max = 3)
            @JsonPropertyDescription(
                    "Attestations about the very digest that must be there, by the same key or identity, under cosign's names")
            List<Attestation> attestations,

            @JsonPropertyDescription(
                    "The worst finding that the newest vulnerability scan (vuln: a report of Trivy or Grype) may have")
            MaxSeverity maxSeverity) {
        public Verify {
            publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
            attestations = attestations == null ? List.of() : List.copyOf(attestations);
        }

        /** What the rules above say, for API servers older than 1.25, which drop them without a word. */
        public Optional<String> problem() {
            if (publicKeys.isEmpty() == (keyless == null)) {
                return Optional.of("spec.verify: set exactly one of publicKeys and keyless");
            }
            if (maxSeverity != null && !attestations.contains(Attestation.vuln)) {
                return Optional.of(
                        "spec.verify.maxSeverity: limits a vulnerability scan, so demand vuln in attestations");
            }
            return keyless == null ? Optional.empty() : keyless.problem();
        }
    }

    /** An attestation by the name that {@code cosign attest --type} has for it. */
    public enum Attestation {
        /** A bill of materials. */
        cyclonedx,
        /** Where it was trained, on what. */
        slsaprovenance1,
        /** A scan for vulnerabilities. */
        vuln
    }

    /** The worst severity that is let pass. */
    public enum MaxSeverity {
        NONE,
        LOW,
        MEDIUM,
        HIGH
    }

    /**
     * An identity, as {@code cosign verify} takes it. Exactly one of issuer and issuerRegExp, and of subject and
     * subjectRegExp; a regular expression must match the whole.
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @JsonIgnoreProperties(ignoreUnknown = true)
    @ValidationRule(
            value = "has(self.issuer) != has(self.issuerRegExp)",
            message = "set exactly one of keyless.issuer and keyless.issuerRegExp")
    @ValidationRule(
            value = "has(self.subject) != has(self.subjectRegExp)",
            message = "set exactly one of keyless.subject and keyless.subjectRegExp")
    public record Keyless(
            @Size(min = 1, max = 2048)
            @JsonPropertyDescription("The OIDC provider: https://token.actions.githubusercontent.com")
            String issuer,

            @Size(min = 1, max = 2048) String issuerRegExp,

            @Size(min = 1, max = 2048) @JsonPropertyDescription("An e-mail address, or the URI of a workflow")
            String subject,

            @Size(min = 1, max = 2048) String subjectRegExp,

            @JsonPropertyDescription("A trusted_root.json of a private Sigstore; without, the public-good instance's")
            TrustedRoot trustedRoot) {

        Optional<String> problem() {
            if ((issuer == null) == (issuerRegExp == null)) {
                return Optional.of("spec.verify.keyless: set exactly one of issuer and issuerRegExp");
            }
            return (subject == null) == (subjectRegExp == null)
                    ? Optional.of("spec.verify.keyless: set exactly one of subject and subjectRegExp")
                    : Optional.empty();
        }
    }

    /** A Sigstore trusted root in a Secret of the same namespace. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record TrustedRoot(@Required RootSecretRef secretRef) {}

    /** One entry of a Secret. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RootSecretRef(
            @Required @Size(min = 1, max = 253) String name,

            @Default("trusted_root.json")
            @Size(min = 1, max = 253)
            @JsonPropertyDescription("The entry that holds the JSON")
            String key) {
        public RootSecretRef {
            key = key == null ? "trusted_root.json" : key;
        }
    }

    /** A cosign public key in a Secret of the same namespace. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PublicKey(@Required SecretKeyRef secretRef) {}

    /** One entry of a Secret. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record SecretKeyRef(
            @Required @Size(min = 1, max = 253) String name,

            @Default("cosign.pub") @Size(min = 1, max = 253) @JsonPropertyDescription("The entry that holds the PEM")
            String key) {
        public SecretKeyRef {
            key = key == null ? "cosign.pub" : key;
        }
    }
}
