package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
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
import java.util.Set;
import java.util.function.Supplier;

/**
 * Everything that is attested of one manifest, in both forms of cosign: DSSE envelopes under the tag
 * {@code sha256-<hex>.att}, and Sigstore bundles as referrers. Sources: sigstore/cosign specs/ATTESTATION_SPEC.md,
 * in-toto attestation spec v1.
 */
final class Attestations {
    /** Scans and BOMs are larger than signatures; a base64 payload of this size still fits the JSON limits. */
    static final int LARGEST_ENVELOPE = 4 << 20;

    private static final int MOST_ATTESTATIONS = 64;
    private static final int MOST_SUBJECTS = 64;
    /** cosign 2 still writes v0.1. */
    private static final Set<String> STATEMENTS = Set.of(CosignV3.STATEMENT, "https://in-toto.io/Statement/v0.1");

    private final Repository repository;
    private final Digest subject;
    private final Signatories signatories;
    private final List<VerifiedAttestation> held = new ArrayList<>();
    private final List<String> rejected = new ArrayList<>();
    private Optional<RegistryUnavailable> unread = Optional.empty();

    private Attestations(Repository repository, Digest subject, Signatories signatories) {
        this.repository = repository;
        this.subject = subject;
        this.signatories = signatories;
    }

    static Attestations of(Repository repository, Digest subject, Signatories signatories) {
        var all = new Attestations(repository, subject, signatories);
        all.readTag();
        all.readReferrers();
        return all;
    }

    List<VerifiedAttestation> held() {
        return List.copyOf(held);
    }

    /** Why the others do not count: each the end of a sentence. */
    List<String> rejected() {
        return List.copyOf(rejected);
    }

    /** Why there may be more than was seen: a mirror that has the model need not have the tag. */
    Optional<RegistryUnavailable> unread() {
        return unread;
    }

    static String tag(Digest subject) {
        return "sha256-" + subject.hex() + ".att";
    }

    static byte[] statement(Repository repository, Digest subject, String type, ObjectNode predicate) {
        ObjectNode root = Json.newObject();
        root.put("_type", CosignV3.STATEMENT);
        ObjectNode entry = root.putArray("subject").addObject();
        entry.put("name", repository.reference().repository());
        entry.putObject("digest").put("sha256", subject.hex());
        root.put("predicateType", type);
        root.set("predicate", predicate);
        return Json.bytes(root);
    }

    private void readTag() {
        FetchedManifest fetched;
        try {
            fetched = repository.manifest(tag(subject));
        } catch (TagNotFound e) {
            return;
        } catch (RegistryUnavailable e) {
            unread = Optional.of(e);
            return;
        }
        if (!(fetched.parsed() instanceof Manifest.Artifact manifest)) {
            rejected.add("the tag " + tag(subject) + " is an index, not attestations");
            return;
        }
        manifest.layers().stream()
                .filter(layer -> layer.mediaType().equals(MediaTypes.DSSE_ENVELOPE))
                .limit(MOST_ATTESTATIONS)
                .forEach(layer -> guarded(() -> envelope(Json.object(repository.smallBlob(layer, LARGEST_ENVELOPE)))));
    }

    private void readReferrers() {
        repository.referrers(subject).stream().limit(MOST_ATTESTATIONS).forEach(r -> guarded(() -> referrer(r)));
    }

    /** One broken object that anybody could have attached must not hide a good one. */
    private void guarded(Supplier<Optional<String>> check) {
        try {
            check.get().ifPresent(rejected::add);
        } catch (IntegrityMismatch | UnsupportedArtifact | DigestNotFound e) {
            rejected.add(e.getMessage());
        } catch (Json.NotJson e) {
            rejected.add("an attestation is " + e.getMessage());
        } catch (IllegalArgumentException e) {
            rejected.add("an attestation holds something that is not base64");
        }
    }

    private Optional<String> referrer(Descriptor descriptor) {
        FetchedManifest fetched = repository.manifest(descriptor.digest());
        boolean attached = fetched.parsed()
                .subject()
                .filter(s -> s.digest().equals(subject))
                .isPresent();
        if (!(fetched.parsed() instanceof Manifest.Artifact manifest) || !attached) {
            return Optional.of("a referrer is attached to something else");
        }
        String type = manifest.effectiveArtifactType().orElse("");
        if (!type.equals(MediaTypes.SIGSTORE_BUNDLE) || manifest.layers().size() != 1) {
            return Optional.of("a document of the type " + type + " is attached without a signature");
        }
        byte[] bundle = repository.smallBlob(manifest.layers().getFirst(), LARGEST_ENVELOPE);
        JsonNode envelope = Json.object(bundle).path("dsseEnvelope");
        return statement(envelope, Verified.COSIGN_V3, () -> signatories.ofBundle(bundle, envelope, subject));
    }

    private Optional<String> envelope(JsonNode envelope) {
        return statement(envelope, Verified.COSIGN_V2, () -> signatories.ofEnvelope(envelope));
    }

    /** Takes the statement in, or tells why not. */
    private Optional<String> statement(JsonNode envelope, String form, Supplier<Signatory> signatory) {
        byte[] payload = Base64.getDecoder().decode(envelope.path("payload").asText(""));
        String payloadType = envelope.path("payloadType").asText("");
        // The signer first: what a stranger wrote is not even parsed.
        return switch (signatory.get()) {
            case Signatory.Stranger stranger -> Optional.of(stranger.why());
            case Signatory.Known known -> statement(payload, payloadType, new Verified(known.name(), form));
        };
    }

    private Optional<String> statement(byte[] payload, String payloadType, Verified by) {
        if (!payloadType.equals(CosignV3.PAYLOAD_TYPE)) {
            return Optional.of("a signed payload is of the type '" + payloadType + "'");
        }
        ObjectNode statement = Json.object(payload);
        String predicateType = statement.path("predicateType").asText("");
        if (predicateType.equals(CosignV3.SIGN_PREDICATE)) {
            return Optional.empty();
        }
        if (!STATEMENTS.contains(statement.path("_type").asText(""))) {
            return Optional.of("a signed statement is of the type '"
                    + statement.path("_type").asText("") + "'");
        }
        if (!isAbout(statement.path("subject"))) {
            return Optional.of("an attestation of the type " + predicateType + " is about another artifact");
        }
        if (!(statement.path("predicate") instanceof ObjectNode predicate) || predicate.isEmpty()) {
            return Optional.of("an attestation of the type " + predicateType + " states nothing");
        }
        held.add(new VerifiedAttestation(predicateType, by, predicate));
        return Optional.empty();
    }

    private boolean isAbout(JsonNode subjects) {
        for (int i = 0; i < Math.min(subjects.size(), MOST_SUBJECTS); i++) {
            if (subjects.path(i).path("digest").path("sha256").asText("").equals(subject.hex())) {
                return true;
            }
        }
        return false;
    }
}
