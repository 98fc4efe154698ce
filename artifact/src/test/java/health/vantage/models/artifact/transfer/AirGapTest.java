package health.vantage.models.artifact.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TrainingProvenance;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the vendor's registry onto a stick, and from the stick into a clinic's that has never seen the other. */
class AirGapTest {
    @TempDir
    Path folder;

    @Test
    void everythingThatVouchesForAReleaseArrivesInTheClinic() throws IOException {
        Repository stick = Models.open("oci:" + folder.resolve("stick/retina-seg"));
        Signer old = Signer.of(Keys.privatePem());
        Signer current = Signer.of(Keys.privatePem());
        List<Digest> models;
        Digest index;
        try (var vendor = RegistryProcess.start(Files.createDirectories(folder.resolve("vendor")))) {
            Repository from = Models.open(vendor.host() + "/vantage/retina-seg");
            models = List.of(release(from, "jetson"), release(from, "rtx"));
            index = from.head("2.4.1");
            for (Digest model : models) {
                old.signV2(from, model);
                current.signV3(from, model);
                attest(from, model, old, current);
                new ModelPusher(from).attach(model, MediaTypes.CYCLONEDX, "{\"bomFormat\":\"CycloneDX\"}".getBytes());
            }
            current.signV3(from, index);

            stick.putManifest(
                    "2.4.1",
                    MediaTypes.OCI_INDEX,
                    new ArtifactCopy(from, stick).copy("2.4.1").bytes());
        }
        try (var clinic = RegistryProcess.start(Files.createDirectories(folder.resolve("clinic")))) {
            Repository to = Models.open(clinic.host() + "/models/retina-seg");
            var arrived = new ArtifactCopy(stick, to).copy("2.4.1");
            assertThat(arrived.digest()).isEqualTo(index);
            for (Digest model : models) {
                new ModelPusher(to).publish(model);
            }

            assertThat(to.head("2.4.1"))
                    .as("publishing changes no byte of the release")
                    .isEqualTo(index);
            // Each key alone: both forms have arrived.
            SignatureVerifier.of(List.of(current.publicKeyPem())).verify(to, index);
            for (Digest model : models) {
                for (Signer signer : List.of(old, current)) {
                    var verifier = SignatureVerifier.of(List.of(signer.publicKeyPem()));
                    assertThat(verifier.verify(to, model).signer()).isEqualTo(signer.keyId());
                    assertThat(verifier.requireAttestations(
                                    to, model, List.of(AttestationType.CYCLONEDX, AttestationType.SLSAPROVENANCE1)))
                            .hasSize(2);
                }
                assertThat(to.referrers(model))
                        .extracting(Descriptor::digest)
                        .containsExactlyInAnyOrderElementsOf(stick.referrers(model).stream()
                                .map(Descriptor::digest)
                                .toList())
                        .hasSize(4);
            }
            var resolved = new Resolver().resolve(to, new Selector.VersionRange("^2"), List.of("jetson", "rtx"));
            assertThat(resolved.byVariant().get("rtx").digest()).isEqualTo(models.get(1));
        }
    }

    private Digest release(Repository repository, String variant) {
        return Models.release(repository, folder.resolve("work"), Models.metadata("2.4.1", variant, "cv3"));
    }

    private static void attest(Repository repository, Digest digest, Signer v2, Signer v3) {
        ModelArtifact model = ModelReader.read(repository, repository.manifest(digest));
        var bom = ModelBom.of(model);
        var provenance = TrainingProvenance.of(model.metadata(), TrainingProvenance.builder(model.metadata()));
        v2.attestV2(repository, digest, AttestationType.CYCLONEDX.predicateType(), bom);
        v2.attestV2(repository, digest, AttestationType.SLSAPROVENANCE1.predicateType(), provenance);
        v3.attestV3(repository, digest, AttestationType.CYCLONEDX.predicateType(), bom);
        v3.attestV3(repository, digest, AttestationType.SLSAPROVENANCE1.predicateType(), provenance);
    }
}
