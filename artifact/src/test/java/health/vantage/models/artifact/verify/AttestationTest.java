package health.vantage.models.artifact.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.NoAttestation;
import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TrainingProvenance;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.transfer.ArtifactCopy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttestationTest {
    private static final List<AttestationType> SLSA = List.of(AttestationType.SLSAPROVENANCE1);

    @TempDir
    Path folder;

    private Repository repository;
    private Digest subject;
    private final Signer signer = Signer.of(Keys.privatePem());
    private final SignatureVerifier verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));
    private final ObjectNode predicate = Json.newObject().put("stated", "this");

    @BeforeEach
    void push() {
        repository = Models.layout(folder);
        subject = push("1.0.0");
    }

    private Digest push(String version) {
        return Models.push(
                repository, folder.resolve(version), Models.metadata(version, "cpu", "cv3"), version + "-cpu");
    }

    private void attest(Signer by, int form, Digest about, AttestationType type) {
        if (form == 2) {
            by.attestV2(repository, about, type.predicateType(), predicate);
        } else {
            by.attestV3(repository, about, type.predicateType(), predicate);
        }
    }

    private void putTag(String mediaType, byte[] envelope) {
        Descriptor layer = Descriptor.of(mediaType, envelope);
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        Descriptor configOf = Descriptor.of(MediaTypes.OCI_CONFIG, config);
        repository.putBlob(layer, BlobSource.of(envelope));
        repository.putBlob(configOf, BlobSource.of(config));
        repository.putManifest(
                Attestations.tag(subject),
                MediaTypes.OCI_MANIFEST,
                Manifest.Artifact.of(null, configOf, List.of(layer), Map.of()).toBytes());
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsFoundInBothForms(AttestationType type) {
        for (int form : new int[] {2, 3}) {
            Signer by = Signer.of(Keys.privatePem());
            attest(by, form, subject, type);
            assertThat(SignatureVerifier.of(List.of(by.publicKeyPem()))
                            .requireAttestations(repository, subject, List.of(type)))
                    .singleElement()
                    .satisfies(found -> assertThat(found.predicate()).isEqualTo(predicate));
        }
    }

    @Test
    void anAttestationDoesNotSignTheModelAndASignatureAttestsNothing() {
        attest(signer, 3, subject, AttestationType.CYCLONEDX);
        assertThatThrownBy(() -> verifier.verify(repository, subject)).isInstanceOf(NoSignature.class);
        Digest signed = push("1.0.1");
        signer.signV3(repository, signed);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, signed, SLSA))
                .isInstanceOf(NoAttestation.class)
                .hasMessageContaining("has no attestation of the type slsaprovenance1");
    }

    @Test
    void anotherPredicateIsNotEnough() {
        attest(signer, 2, subject, AttestationType.CYCLONEDX);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(NoAttestation.class)
                .hasMessageContaining("attested is only: https://cyclonedx.org/bom");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aStrangersAttestationDoesNotCount(int form) {
        attest(Signer.of(Keys.privatePem()), form, subject, AttestationType.SLSAPROVENANCE1);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(AttestationInvalid.class)
                .hasMessageContaining("not by a trusted key");
    }

    @Test
    void anAttestationReplayedToAnotherModelIsRefused() {
        Digest other = push("1.0.1");
        attest(signer, 2, other, AttestationType.SLSAPROVENANCE1);
        var stolen = repository.manifest(Attestations.tag(other));
        repository.putManifest(Attestations.tag(subject), stolen.mediaType(), stolen.bytes());
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(AttestationInvalid.class)
                .hasMessageContaining("about another artifact");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"payload\":\"***\",\"payloadType\":\"x\",\"signatures\":[{\"sig\":\"AA==\"}]}",
                "{\"payload\":{\"a\":1},\"signatures\":{\"sig\":1}}",
                "{\"payload\":\"e30=\",\"payload\":\"e30=\"}"
            })
    void junkIsRefusedAndHidesNothing(String junk) {
        putTag(MediaTypes.DSSE_ENVELOPE, junk.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(AttestationInvalid.class);
        attest(signer, 3, subject, AttestationType.SLSAPROVENANCE1);
        assertThat(verifier.requireAttestations(repository, subject, SLSA)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"sig\":1}", "7", "[[]]"})
    void aBundleWithSignaturesOfAnotherShapeIsRefusedAndHidesNoSignature(String signatures) {
        byte[] bundle = ("{\"dsseEnvelope\":{\"payload\":\"e30=\",\"signatures\":" + signatures + "}}")
                .getBytes(StandardCharsets.UTF_8);
        Descriptor layer = Descriptor.of(MediaTypes.SIGSTORE_BUNDLE, bundle);
        byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
        Descriptor configOf = Descriptor.of(MediaTypes.OCI_EMPTY, config);
        repository.putBlob(layer, BlobSource.of(bundle));
        repository.putBlob(configOf, BlobSource.of(config));
        var model = repository.manifest(subject);
        byte[] manifest = Manifest.Artifact.of(MediaTypes.SIGSTORE_BUNDLE, configOf, List.of(layer), Map.of())
                .withSubject(Descriptor.of(model.mediaType(), subject, model.bytes().length))
                .toBytes();
        repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
        assertThatThrownBy(() -> verifier.verify(repository, subject)).isInstanceOf(NoSignature.class);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(AttestationInvalid.class);
        signer.signV3(repository, subject);
        assertThat(verifier.verify(repository, subject).signer()).isEqualTo(signer.keyId());
    }

    @Test
    void anOversizedAttestationIsRefused() {
        putTag(MediaTypes.DSSE_ENVELOPE, new byte[Attestations.LARGEST_ENVELOPE + 1]);
        assertThatThrownBy(() -> verifier.requireAttestations(repository, subject, SLSA))
                .isInstanceOf(AttestationInvalid.class)
                .hasMessageContaining(Integer.toString(Attestations.LARGEST_ENVELOPE));
    }

    @Test
    void aCopyCarriesSignaturesAndAttestationsOfBothForms() {
        signer.signV2(repository, subject);
        attest(signer, 2, subject, AttestationType.SLSAPROVENANCE1);
        attest(signer, 3, subject, AttestationType.CYCLONEDX);
        Repository clinic = Models.layout(folder.resolve("clinic"));
        new ArtifactCopy(repository, clinic).copy("1.0.0-cpu");
        verifier.verify(clinic, subject);
        assertThat(verifier.requireAttestations(
                        clinic, subject, List.of(AttestationType.SLSAPROVENANCE1, AttestationType.CYCLONEDX)))
                .extracting(found -> found.by().form())
                .containsExactly(Verified.COSIGN_V2, Verified.COSIGN_V3);
    }

    @Test
    void theBomNamesModelDataSetAndEveryLayerAndIsTheSameEveryTime() {
        var model = ModelReader.read(repository, repository.manifest(subject));
        ObjectNode bom = ModelBom.of(model);
        assertThat(Json.bytes(bom)).isEqualTo(Json.bytes(ModelBom.of(model)));
        assertThat(bom.path("specVersion").asText()).isEqualTo("1.6");
        assertThat(bom.at("/metadata/component/type").asText()).isEqualTo("machine-learning-model");
        assertThat(bom.at("/metadata/component/modelCard/modelParameters/datasets/0/ref")
                        .asText())
                .isEqualTo(bom.at("/components/0/bom-ref").asText())
                .isEqualTo("dataset:cell-masks@2025.11");
        assertThat(bom.path("components")).hasSize(1 + model.manifest().layers().size());
        assertThat(bom.at("/components/1/hashes/0/content").asText())
                .isEqualTo(model.manifest().layers().getFirst().digest().hex());
    }

    @Test
    void theProvenanceLeadsToRunAndDataSet() {
        ObjectNode slsa = TrainingProvenance.of(Models.metadata("1.0.0", "cpu"), "https://ml.example.com/trainer");
        assertThat(slsa.at("/runDetails/metadata/invocationId").asText()).isEqualTo("run-8841");
        assertThat(slsa.at("/buildDefinition/resolvedDependencies/0/name").asText())
                .isEqualTo("cell-masks@2025.11");
        assertThatThrownBy(() -> TrainingProvenance.of(Models.metadata("1.0.0", "cpu"), "trainer"))
                .hasMessageContaining("absolute URI");
    }
}
