package health.vantage.models.artifact.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against what cosign 2.5.0 and 3.1.1 really left in a registry, byte for byte. */
class CosignFixtureTest {
    @TempDir
    Path folder;

    private Repository repository;
    private final SignatureVerifier trusted = SignatureVerifier.of(List.of(text("cosign.pub")));
    private final SignatureVerifier other = SignatureVerifier.of(List.of(text("other.pub")));

    @BeforeEach
    void open() {
        repository = Models.layout(folder);
    }

    private static byte[] bytes(String name) {
        try (var in = CosignFixtureTest.class.getResourceAsStream("/cosign/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    private static String keyId(String name) {
        return TrustedKey.parse(text(name)).keyId();
    }

    private Digest manifest(String name) {
        byte[] bytes = bytes(name);
        return repository.putManifest(Digest.of(bytes).toString(), MediaTypes.OCI_MANIFEST, bytes);
    }

    private void blob(byte[] bytes) {
        repository.putBlob(Descriptor.of("application/octet-stream", bytes), BlobSource.of(bytes));
    }

    private Digest signedByCosign2() {
        Digest subject = manifest("v2-subject-manifest.json");
        blob(bytes("v2-sig-payload.json"));
        repository.putManifest(
                "sha256-" + subject.hex() + ".sig", MediaTypes.OCI_MANIFEST, bytes("v2-sig-manifest.json"));
        return subject;
    }

    /** @param referrers which of the three: 0 provenance, 1 the signature, 2 an SBOM */
    private Digest withCosign3(int... referrers) {
        Digest subject = manifest("v3-subject-manifest.json");
        for (int i : referrers) {
            blob(bytes("v3-bundle-" + i + ".json"));
            manifest("v3-referrer-" + i + ".json");
        }
        return subject;
    }

    @Test
    void aSignatureOfCosign2Holds() {
        Verified verified = trusted.verify(repository, signedByCosign2());
        assertThat(verified.form()).isEqualTo(Verified.COSIGN_V2);
        assertThat(verified.signer()).isEqualTo(keyId("cosign.pub")).hasSize(16);
    }

    @Test
    void aSignatureOfCosign3HoldsAmongAttestations() {
        assertThat(trusted.verify(repository, withCosign3(0, 1, 2)).form()).isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void cosign3sOwnFallbackIndexIsReadThoughItsTypesAreWrong() {
        Digest subject = manifest("v3-subject-manifest.json");
        for (int i = 0; i < 3; i++) {
            blob(bytes("v3-bundle-" + i + ".json"));
            blob(bytes("v3-referrer-" + i + ".json"));
        }
        repository.putManifest("sha256-" + subject.hex(), MediaTypes.OCI_INDEX, bytes("v3-fallback-index.json"));
        assertThat(trusted.verify(repository, subject).form()).isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void anotherKeyIsNotEnough() {
        Digest two = signedByCosign2();
        Digest three = withCosign3(0, 1, 2);
        for (Digest subject : List.of(two, three)) {
            assertThatThrownBy(() -> other.verify(repository, subject))
                    .isInstanceOf(SignatureInvalid.class)
                    .hasMessageContainingAll(subject.toString(), "not by a trusted key", keyId("other.pub"));
        }
    }

    @Test
    void anyOfSeveralKeysIsEnoughWhileOneIsRotated() {
        SignatureVerifier both = SignatureVerifier.of(List.of(text("other.pub"), text("cosign.pub")));
        assertThat(both.verify(repository, signedByCosign2()).signer()).isEqualTo(keyId("cosign.pub"));
    }

    @Test
    void anArtifactWithAttestationsOnlyIsNotSigned() {
        assertThatThrownBy(() -> trusted.verify(repository, withCosign3(0, 2)))
                .isInstanceOf(NoSignature.class)
                .hasMessageContainingAll(
                        "is not signed", "https://cyclonedx.org/bom", "https://slsa.dev/provenance/v1");
    }

    @Test
    void anArtifactWithNothingAttachedIsNotSigned() {
        assertThatThrownBy(() -> trusted.verify(repository, withCosign3()))
                .isInstanceOf(NoSignature.class)
                .hasMessageContaining("cosign sign");
    }

    @Test
    void aSignatureOverAnotherArtifactDoesNotHold() {
        signedByCosign2();
        Digest victim = manifest("v3-subject-manifest.json");
        repository.putManifest(
                "sha256-" + victim.hex() + ".sig", MediaTypes.OCI_MANIFEST, bytes("v2-sig-manifest.json"));
        assertThatThrownBy(() -> trusted.verify(repository, victim))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining("over sha256:08d5c0708b6c");
    }

    @Test
    void aBundleOverAnotherArtifactDoesNotHold() {
        Digest victim = manifest("v2-subject-manifest.json");
        attach(victim, MediaTypes.SIGSTORE_BUNDLE, bytes("v3-bundle-1.json"));
        assertThatThrownBy(() -> trusted.verify(repository, victim))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining("over another artifact");
    }

    private void attach(Digest subject, String type, byte[] content) {
        blob("{}".getBytes());
        blob(content);
        byte[] manifest = Manifest.Artifact.of(
                        type,
                        Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes()),
                        List.of(Descriptor.of(type, content)),
                        Map.of())
                .withSubject(repository.manifest(subject).descriptor())
                .toBytes();
        repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    @Test
    void aChangedStatementDoesNotHold() {
        Digest victim = manifest("v2-subject-manifest.json");
        ObjectNode bundle = Json.object(bytes("v3-bundle-1.json"));
        ObjectNode envelope = (ObjectNode) bundle.get("dsseEnvelope");
        String statement = new String(
                        java.util.Base64.getDecoder()
                                .decode(envelope.get("payload").asText()),
                        StandardCharsets.UTF_8)
                .replaceAll("\"sha256\":\"[0-9a-f]+\"", "\"sha256\":\"" + victim.hex() + "\"");
        envelope.put("payload", java.util.Base64.getEncoder().encodeToString(statement.getBytes()));
        attach(victim, MediaTypes.SIGSTORE_BUNDLE, Json.bytes(bundle));
        assertThatThrownBy(() -> trusted.verify(repository, victim))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining("not by a trusted key");
    }

    @Test
    void hostileBundlesAreRejectedAndHideNoGoodSignature() {
        Digest subject = withCosign3();
        List<String> hostile = List.of(
                "[]",
                "{",
                "{\"dsseEnvelope\":{}}",
                "{\"dsseEnvelope\":{\"payload\":\"!!!\",\"signatures\":[]}}",
                "{\"a\":1,\"a\":2}",
                "{\"x\":" + "[".repeat(300) + "]".repeat(300) + "}");
        hostile.forEach(json -> attach(subject, MediaTypes.SIGSTORE_BUNDLE, json.getBytes()));
        assertThatThrownBy(() -> trusted.verify(repository, subject)).isInstanceOf(SignatureInvalid.class);

        attach(subject, MediaTypes.SIGSTORE_BUNDLE, bytes("v3-bundle-1.json"));
        assertThat(trusted.verify(repository, subject).form()).isEqualTo(Verified.COSIGN_V3);
    }

    @Test
    void anOversizedBundleIsNotRead() {
        Digest subject = withCosign3();
        attach(subject, MediaTypes.SIGSTORE_BUNDLE, " ".repeat(300 << 10).getBytes());
        assertThatThrownBy(() -> trusted.verify(repository, subject))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining("may have at most");
    }

    @Test
    void aPayloadThatWasExchangedIsFound() throws IOException {
        Digest subject = signedByCosign2();
        Digest payload = Digest.of(bytes("v2-sig-payload.json"));
        Path blob = folder.resolve("retina-seg/blobs/sha256").resolve(payload.hex());
        java.nio.file.Files.write(
                blob, text("v2-sig-payload.json").replace("08d5", "08d6").getBytes());
        assertThatThrownBy(() -> trusted.verify(repository, subject))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining("has the digest");
    }

    @Test
    void whatIsNoSignatureUnderTheTagOfCosign2IsRejectedWithItsReason() {
        Digest subject = manifest("v2-subject-manifest.json");
        byte[] payload = bytes("v2-sig-payload.json");
        underTheTag(subject, payload, Map.of());
        rejectedBecause(subject, "no usable signature");
        underTheTag(subject, payload, Map.of(CosignV2.SIGNATURE, "A".repeat(5000)));
        rejectedBecause(subject, "no usable signature");
        underTheTag(subject, payload, Map.of(CosignV2.SIGNATURE, "***"));
        rejectedBecause(subject, "not base64");
        underTheTag(subject, payload, Map.of(CosignV2.SIGNATURE, "AAAA"));
        rejectedBecause(subject, "not by a trusted key");
        underTheTag(subject, new byte[CosignV2.LARGEST_PAYLOAD + 1], Map.of(CosignV2.SIGNATURE, "AAAA"));
        rejectedBecause(subject, "may have at most " + CosignV2.LARGEST_PAYLOAD);
        repository.putManifest(CosignV2.tag(subject), MediaTypes.OCI_INDEX, bytes("v3-fallback-index.json"));
        rejectedBecause(subject, "is an index, not a signature");
    }

    private void underTheTag(Digest subject, byte[] payload, Map<String, String> annotations) {
        blob("{}".getBytes());
        blob(payload);
        Descriptor layer = Descriptor.of(MediaTypes.COSIGN_PAYLOAD, payload).annotated(annotations);
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, "{}".getBytes());
        repository.putManifest(
                CosignV2.tag(subject),
                MediaTypes.OCI_MANIFEST,
                Manifest.Artifact.of(null, config, List.of(layer), Map.of()).toBytes());
    }

    private void rejectedBecause(Digest subject, String why) {
        assertThatThrownBy(() -> trusted.verify(repository, subject))
                .isInstanceOf(SignatureInvalid.class)
                .hasMessageContaining(why);
    }

    @Test
    void aDescriptorThatCallsADocumentASignatureIsNotBelieved() {
        Digest subject = manifest("v3-subject-manifest.json");
        blob("{}".getBytes());
        byte[] document = Manifest.Artifact.of(
                        "application/vnd.cyclonedx+json",
                        Descriptor.of(MediaTypes.OCI_EMPTY, "{}".getBytes()),
                        List.of(Descriptor.of("application/vnd.cyclonedx+json", "{}".getBytes())),
                        Map.of())
                .withSubject(repository.manifest(subject).descriptor())
                .toBytes();
        blob(document);
        byte[] index = ("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                        + "\",\"digest\":\"" + Digest.of(document) + "\",\"size\":" + document.length
                        + ",\"artifactType\":\"" + MediaTypes.SIGSTORE_BUNDLE + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        repository.putManifest("sha256-" + subject.hex(), MediaTypes.OCI_INDEX, index);
        assertThatThrownBy(() -> trusted.verify(repository, subject))
                .isInstanceOf(NoSignature.class)
                .hasMessageContaining("a referrer of the type application/vnd.cyclonedx+json");
    }
}
