package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures and attestations stay with a cached model: they are demanded where no registry is. */
class KeptEvidenceTest {
    @TempDir
    Path folder;

    private Repository repository;
    private NodeCache cache;

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
        cache = NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0));
    }

    private Digest push(String version) {
        return Models.push(repository, folder.resolve("work"), Models.metadata(version, "jetson", "cv3"));
    }

    @Test
    void signaturesAreKeptAndVerifyWithoutTheRegistry() throws IOException {
        Digest digest = push("2.4.1");
        Signer signer = Signer.of(Keys.privatePem());
        Signer later = Signer.of(Keys.privatePem());
        signer.signV2(repository, digest);
        cache.pull(repository, digest, PullListener.NONE);
        later.signV3(repository, digest);
        cache.refreshSignatures(repository, digest);
        deleteTree(folder.resolve("retina-seg"));

        Repository evidence = cache.find(digest).orElseThrow().evidence();
        assertThat(SignatureVerifier.of(List.of(signer.publicKeyPem()))
                        .verify(evidence, digest)
                        .form())
                .isEqualTo(Verified.COSIGN_V2);
        assertThat(SignatureVerifier.of(List.of(later.publicKeyPem()))
                        .verify(evidence, digest)
                        .form())
                .isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void attestationsOfBothFormsAreKeptAndDemandedWithoutTheRegistry() throws IOException {
        Digest digest = push("2.4.1");
        Signer signer = Signer.of(Keys.privatePem());
        signer.signV2(repository, digest);
        ObjectNode bom = Json.newObject().put("bomFormat", "CycloneDX").put("padding", "x".repeat(2 << 20));
        signer.attestV2(repository, digest, AttestationType.CYCLONEDX.predicateType(), bom);
        signer.attestV3(repository, digest, AttestationType.SLSAPROVENANCE1.predicateType(), bom);
        cache.pull(repository, digest, PullListener.NONE);
        deleteTree(folder.resolve("retina-seg"));

        var policy = new TrustPolicy(
                List.of(signer.publicKeyPem()),
                Optional.empty(),
                List.of(AttestationType.CYCLONEDX, AttestationType.SLSAPROVENANCE1),
                Optional.empty());
        Repository evidence = cache.find(digest).orElseThrow().evidence();
        assertThat(policy.open().check(evidence, digest).orElseThrow().signed().signer())
                .isEqualTo(signer.keyId());
    }

    @Test
    void anAttachedDocumentThatCannotBeHadDoesNotStopThePull() throws IOException {
        Digest digest = push("2.4.1");
        Signer signer = Signer.of(Keys.privatePem());
        signer.signV2(repository, digest);
        ObjectNode bom = Json.newObject().put("a", "b");
        signer.attestV2(repository, digest, AttestationType.CYCLONEDX.predicateType(), bom);
        var attached = (Manifest.Artifact)
                repository.manifest("sha256-" + digest.hex() + ".att").parsed();
        Files.delete(folder.resolve("retina-seg/blobs/sha256")
                .resolve(attached.layers().getFirst().digest().hex()));

        Repository evidence = cache.pull(repository, digest, PullListener.NONE).evidence();

        SignatureVerifier verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));
        assertThat(verifier.verify(evidence, digest).form()).isEqualTo(Verified.COSIGN_V2);
        assertThatThrownBy(() -> verifier.requireAttestations(evidence, digest, List.of(AttestationType.CYCLONEDX)))
                .isInstanceOf(AttestationInvalid.class);
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
