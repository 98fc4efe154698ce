package health.vantage.models.artifact.verify;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.TagNotFound;
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
 * The signatures of cosign 2: layers of an image under the tag {@code sha256-<hex>.sig}. Each layer is a small JSON that
 * names the digest signed; its signature is in an annotation. Source: sigstore/cosign specs/SIGNATURE_SPEC.md.
 */
final class CosignV2 {
    static final String SIGNATURE = "dev.cosignproject.cosign/signature";
    static final String TYPE = "cosign container image signature";
    static final int LARGEST_PAYLOAD = 64 << 10;
    private static final int MOST_SIGNATURES = 64;
    private static final int LONGEST_SIGNATURE = 4096;

    private final Repository repository;
    private final Signatories signatories;

    CosignV2(Repository repository, Signatories signatories) {
        this.repository = repository;
        this.signatories = signatories;
    }

    static String tag(Digest subject) {
        return "sha256-" + subject.hex() + ".sig";
    }

    List<Checked> check(Digest subject) {
        FetchedManifest fetched;
        try {
            fetched = repository.manifest(tag(subject));
        } catch (TagNotFound e) {
            return List.of();
        }
        if (!(fetched.parsed() instanceof Manifest.Artifact manifest)) {
            return List.of(new Checked.Rejected("the tag " + tag(subject) + " is an index, not a signature"));
        }
        var checked = new ArrayList<Checked>();
        for (Descriptor layer :
                manifest.layers().stream().limit(MOST_SIGNATURES).toList()) {
            checked.add(check(subject, layer));
        }
        return checked;
    }

    private Checked check(Digest subject, Descriptor layer) {
        if (!layer.mediaType().equals(MediaTypes.COSIGN_PAYLOAD)) {
            return new Checked.NotASignature("a layer of the type " + layer.mediaType());
        }
        String text = layer.annotation(SIGNATURE).orElse("");
        if (text.isEmpty() || text.length() > LONGEST_SIGNATURE) {
            return new Checked.Rejected("a payload has no usable signature beside it");
        }
        byte[] payload;
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(text);
            payload = repository.smallBlob(layer, LARGEST_PAYLOAD);
        } catch (IllegalArgumentException e) {
            return new Checked.Rejected("a signature is not base64");
        } catch (ArtifactException.IntegrityMismatch
                | ArtifactException.UnsupportedArtifact
                | ArtifactException.DigestNotFound e) {
            return new Checked.Rejected(e.getMessage());
        }
        // The signer first: what a stranger wrote is not even parsed.
        return switch (signatories.ofPayload(payload, signature, layer.annotations())) {
            case Signatory.Stranger stranger -> new Checked.Rejected(stranger.why());
            case Signatory.Known known ->
                objection(payload, subject)
                        .<Checked>map(Checked.Rejected::new)
                        .orElseGet(() -> new Checked.Holds(new Verified(known.name(), Verified.COSIGN_V2)));
        };
    }

    private static Optional<String> objection(byte[] payload, Digest subject) {
        ObjectNode root;
        try {
            root = Json.object(payload);
        } catch (Json.NotJson e) {
            return Optional.of("a signed payload is " + e.getMessage());
        }
        String type = root.path("critical").path("type").asText("");
        String signed = root.path("critical")
                .path("image")
                .path("docker-manifest-digest")
                .asText("");
        if (!type.equals(TYPE)) {
            return Optional.of("a signed payload is a '" + type + "', not a '" + TYPE + "'");
        }
        return signed.equals(subject.toString())
                ? Optional.empty()
                : Optional.of("a signature is over " + signed + ", another artifact");
    }
}
