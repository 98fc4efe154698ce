package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.TrustedKey;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who signed a model: by keys that are given, or, without keys, only whether anybody says to have. */
final class SignedBy {
    private final Repository repository;
    private final Set<String> tags;
    private final Optional<SignatureVerifier> verifier;
    private final Map<String, String> fileOfKey = new HashMap<>();

    /** @param tags of the repository: a signature of cosign 2 is one of them */
    SignedBy(Repository repository, Set<String> tags, List<Path> keys) throws IOException {
        this.repository = repository;
        this.tags = tags;
        var pems = new ArrayList<String>();
        for (Path key : keys) {
            String pem = Files.readString(key);
            fileOfKey.put(TrustedKey.parse(pem).keyId(), key.getFileName().toString());
            pems.add(pem);
        }
        this.verifier = pems.isEmpty() ? Optional.empty() : Optional.of(SignatureVerifier.of(pems));
    }

    /**
     * @param state {@code verified}, {@code untrusted} (by none of the keys), {@code unsigned}, or {@code unchecked} (there
     *     is something, and no key to check it with)
     */
    record Answer(String state, Optional<Verified> by, Optional<String> file) {
        static Answer of(String state) {
            return new Answer(state, Optional.empty(), Optional.empty());
        }

        String shown() {
            return file.orElse(state);
        }

        ObjectNode facts() {
            ObjectNode node = Json.newObject().put("state", state);
            by.ifPresent(verified -> node.put("signer", verified.signer()).put("form", verified.form()));
            file.ifPresent(name -> node.put("key", name));
            return node;
        }
    }

    Answer of(Digest model) {
        if (verifier.isEmpty()) {
            return Answer.of(isThere(model) ? "unchecked" : "unsigned");
        }
        try {
            Verified by = verifier.get().verify(repository, model);
            return new Answer("verified", Optional.of(by), Optional.ofNullable(fileOfKey.get(by.signer())));
        } catch (NoSignature e) {
            return Answer.of("unsigned");
        } catch (SignatureInvalid e) {
            return Answer.of("untrusted");
        }
    }

    private boolean isThere(Digest model) {
        return tags.contains("sha256-" + model.hex() + ".sig")
                || repository.referrers(model).stream().anyMatch(referrer -> referrer.artifactType()
                        .filter(MediaTypes.SIGSTORE_BUNDLE::equals)
                        .isPresent());
    }
}
