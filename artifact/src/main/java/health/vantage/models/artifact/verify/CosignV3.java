package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The signatures of cosign 3: referrers that hold a Sigstore bundle with a DSSE envelope around an in-toto statement.
 *
 * <p>The statement's predicate decides what was signed. cosign 3.1.1 accepts an artifact that carries only an SBOM
 * attestation; we do not: whoever attests what is in a model has not said that it may run. Sources: sigstore
 * protobuf-specs (bundle v0.3), secure-systems-lab/dsse protocol.md, in-toto attestation spec v1.
 */
final class CosignV3 {
    static final String SIGN_PREDICATE = "https://sigstore.dev/cosign/sign/v1";
    static final String STATEMENT = "https://in-toto.io/Statement/v1";
    static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    static final int LARGEST_BUNDLE = 256 << 10;
    private static final int MOST_SUBJECTS = 64;

    private final Repository repository;
    private final Signatories signatories;

    CosignV3(Repository repository, Signatories signatories) {
        this.repository = repository;
        this.signatories = signatories;
    }

    List<Checked> check(Digest subject) {
        var checked = new ArrayList<Checked>();
        for (Descriptor referrer : repository.referrers(subject)) {
            try {
                checked.add(check(subject, referrer));
            } catch (ArtifactException.IntegrityMismatch
                    | ArtifactException.UnsupportedArtifact
                    | ArtifactException.DigestNotFound e) {
                // One broken object that anybody could have attached must not hide a good one.
                checked.add(new Checked.Rejected(e.getMessage()));
            }
        }
        return checked;
    }

    private Checked check(Digest subject, Descriptor referrer) {
        // The descriptor's artifactType is a claim, and cosign's own fallback index has it wrong: ask the manifest.
        FetchedManifest fetched = repository.manifest(referrer.digest());
        boolean attached = fetched.parsed()
                .subject()
                .filter(s -> s.digest().equals(subject))
                .isPresent();
        if (!(fetched.parsed() instanceof Manifest.Artifact manifest) || !attached) {
            return new Checked.NotASignature("a referrer that is attached to something else");
        }
        String type = manifest.effectiveArtifactType().orElse("");
        if (!type.equals(MediaTypes.SIGSTORE_BUNDLE) || manifest.layers().size() != 1) {
            return new Checked.NotASignature("a referrer of the type " + type);
        }
        return bundle(subject, repository.smallBlob(manifest.layers().getFirst(), LARGEST_BUNDLE));
    }

    private Checked bundle(Digest subject, byte[] json) {
        try {
            JsonNode envelope = Json.object(json).path("dsseEnvelope");
            if (!envelope.isObject()) {
                return new Checked.NotASignature("a bundle without a DSSE envelope");
            }
            byte[] payload = Base64.getDecoder().decode(envelope.path("payload").asText(""));
            String payloadType = envelope.path("payloadType").asText("");
            ObjectNode statement = Json.object(payload);
            String predicate = statement.path("predicateType").asText("");
            if (!predicate.equals(SIGN_PREDICATE)) {
                return new Checked.NotASignature("an attestation of the type " + predicate);
            }
            return switch (signatories.ofBundle(json, envelope, subject)) {
                case Signatory.Stranger stranger -> new Checked.Rejected(stranger.why());
                case Signatory.Known known ->
                    objection(statement, payloadType, subject)
                            .<Checked>map(Checked.Rejected::new)
                            .orElseGet(() -> new Checked.Holds(new Verified(known.name(), Verified.COSIGN_V3)));
            };
        } catch (Json.NotJson e) {
            return new Checked.Rejected("a bundle is " + e.getMessage());
        } catch (IllegalArgumentException e) {
            return new Checked.Rejected("a bundle holds something that is not base64");
        }
    }

    private static Optional<String> objection(ObjectNode statement, String payloadType, Digest subject) {
        if (!payloadType.equals(PAYLOAD_TYPE)) {
            return Optional.of("a signed payload is of the type '" + payloadType + "'");
        }
        if (!statement.path("_type").asText("").equals(STATEMENT)) {
            return Optional.of("a signed statement is of the type '"
                    + statement.path("_type").asText("") + "'");
        }
        JsonNode subjects = statement.path("subject");
        for (int i = 0; i < Math.min(subjects.size(), MOST_SUBJECTS); i++) {
            if (subjects.path(i).path("digest").path("sha256").asText("").equals(subject.hex())) {
                return Optional.empty();
            }
        }
        return Optional.of("a signature is over another artifact");
    }
}
