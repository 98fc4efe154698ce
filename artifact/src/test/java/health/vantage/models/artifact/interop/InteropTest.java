package health.vantage.models.artifact.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import health.vantage.models.artifact.ArtifactException.NoSignature;
import health.vantage.models.artifact.ArtifactException.SignatureInvalid;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelBom;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TrainingProvenance;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.RegistryProcess;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.artifact.verify.Verified;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we push, other people's tools take; what they push and sign, we read. On a real registry, over HTTP. */
@Tag("interop")
class InteropTest {
    private static int models;

    @TempDir
    static Path shared;

    private static RegistryProcess registry;

    @TempDir
    Path folder;

    private String name;
    private Repository repository;

    @BeforeAll
    static void start() throws IOException {
        registry = RegistryProcess.start(shared);
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @BeforeEach
    void open(TestInfo info) {
        name = registry.host() + "/m" + models++ + "/retina-seg";
        repository = Models.open(name);
    }

    private Digest push() {
        return Models.push(
                repository, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"), "2.4.1-jetson");
    }

    private Tool tool(String tool) {
        return Tool.find(tool, folder);
    }

    private CachedModel pull(Repository from, Digest digest) {
        try (var cache =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(from, digest, PullListener.NONE);
            return cache.verify(digest);
        }
    }

    // ---- ours to theirs ----

    @ParameterizedTest
    @ValueSource(strings = {"oras-trixie", "oras-sid"})
    void orasPullsWhatWePush(String version) throws IOException {
        Tool oras = tool(version);
        Digest digest = push();
        Path to = folder.resolve("pulled");
        oras.run("pull", "--plain-http", "-o", to, name + "@" + digest);
        byte[] tar = Files.readAllBytes(to.resolve("backbone.onnx.tar"));
        assertThat(java.util.Arrays.copyOfRange(tar, 512, 512 + 300_000)).isEqualTo(Models.noise(1, 300_000));
        assertThat(to.resolve("labels.json.tar.zst")).isRegularFile();
        assertThat(oras.run("manifest", "fetch", "--plain-http", "--descriptor", name + ":2.4.1-jetson"))
                .contains(digest.toString());
    }

    @Test
    void skopeoCopiesWhatWePushByteForByte() {
        Tool skopeo = tool("skopeo");
        Digest digest = push();
        Path layout = folder.resolve("copied/retina-seg");
        assertThat(layout.getParent().toFile().mkdirs()).isTrue();
        skopeo.run(
                "copy",
                "--preserve-digests",
                "--src-tls-verify=false",
                "docker://" + name + ":2.4.1-jetson",
                "oci:" + layout + ":2.4.1-jetson");
        Repository copy = Models.open("oci:" + layout);
        assertThat(copy.head("2.4.1-jetson")).isEqualTo(digest);
        assertThat(pull(copy, digest).weights()).hasSize(2);
    }

    @Test
    void skopeoCopiesFromOurLayoutIntoARegistry() {
        Tool skopeo = tool("skopeo");
        Repository layout = Models.layout(folder);
        Digest digest =
                Models.push(layout, folder.resolve("work"), Models.metadata("2.4.1", "jetson", "cv3"), "2.4.1-jetson");
        skopeo.run(
                "copy",
                "--preserve-digests",
                "--dest-tls-verify=false",
                "oci:" + folder.resolve("retina-seg") + ":2.4.1-jetson",
                "docker://" + name + ":2.4.1-jetson");
        assertThat(repository.head("2.4.1-jetson")).isEqualTo(digest);
        assertThat(pull(repository, digest).weights()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"cosign-trixie,2", "cosign-sid,2", "cosign-sid,3"})
    void cosignVerifiesWhatWeSign(String version, int form) throws IOException {
        Tool cosign = tool(version);
        Digest digest = push();
        Signer signer = Signer.of(Keys.privatePem());
        Signer other = Signer.of(Keys.privatePem());
        if (form == 2) {
            signer.signV2(repository, digest);
        } else {
            signer.signV3(repository, digest);
        }
        Path key = Files.writeString(folder.resolve("model.pub"), signer.publicKeyPem());
        Path wrong = Files.writeString(folder.resolve("other.pub"), other.publicKeyPem());
        assertThat(cosign.run(verify(key, digest))).contains(digest.hex());
        assertThat(cosign.attempt(verify(wrong, digest)).exit()).isNotZero();
    }

    private Object[] verify(Path key, Digest digest) {
        return new Object[] {
            "verify", "--key", key, "--insecure-ignore-tlog=true", "--allow-http-registry", name + "@" + digest
        };
    }

    @ParameterizedTest
    @CsvSource({
        "cosign-trixie,2,SLSAPROVENANCE1", "cosign-trixie,2,CYCLONEDX",
        "cosign-sid,2,SLSAPROVENANCE1", "cosign-sid,2,CYCLONEDX",
        "cosign-sid,3,SLSAPROVENANCE1", "cosign-sid,3,CYCLONEDX"
    })
    void cosignVerifiesWhatWeAttest(String version, int form, AttestationType type) throws IOException {
        Tool cosign = tool(version);
        Digest digest = push();
        Signer signer = Signer.of(Keys.privatePem());
        var model = ModelReader.read(repository, repository.manifest(digest));
        var predicate = type == AttestationType.CYCLONEDX
                ? ModelBom.of(model)
                : TrainingProvenance.of(model.metadata(), TrainingProvenance.builder(model.metadata()));
        if (form == 2) {
            signer.attestV2(repository, digest, type.predicateType(), predicate);
        } else {
            signer.attestV3(repository, digest, type.predicateType(), predicate);
        }
        Path key = Files.writeString(folder.resolve("model.pub"), signer.publicKeyPem());
        Path wrong = Files.writeString(
                folder.resolve("other.pub"), Signer.of(Keys.privatePem()).publicKeyPem());
        cosign.run(verifyAttestation(key, type, digest));
        assertThat(cosign.attempt(verifyAttestation(wrong, type, digest)).exit())
                .isNotZero();
    }

    private Object[] verifyAttestation(Path key, AttestationType type, Digest digest) {
        return new Object[] {
            "verify-attestation",
            "--key",
            key,
            "--type",
            type.flag(),
            "--insecure-ignore-tlog=true",
            "--allow-http-registry",
            name + "@" + digest
        };
    }

    // ---- theirs to ours ----

    @ParameterizedTest
    @CsvSource({"cosign-trixie,cosign-v2", "cosign-sid,cosign-v3-bundle"})
    void weVerifyWhatCosignAttests(String version, String form) throws IOException {
        Tool cosign = tool(version);
        Digest digest = push();
        generateKeys(cosign);
        var model = ModelReader.read(repository, repository.manifest(digest));
        Path bom = Files.writeString(folder.resolve("bom.json"), Json.text(ModelBom.of(model)));
        Path slsa = Files.writeString(
                folder.resolve("slsa.json"),
                Json.text(TrainingProvenance.of(model.metadata(), TrainingProvenance.builder(model.metadata()))));
        Path scan = Files.writeString(
                folder.resolve("scan.json"),
                "{\"invocation\":{},\"scanner\":{\"uri\":\"https://trivy.dev\",\"result\":{\"Results\":[]}},"
                        + "\"metadata\":{\"scanStartedOn\":\"2026-01-01T00:00:00Z\",\"scanFinishedOn\":\"2026-01-01T00:00:01Z\"}}");
        sign(cosign, version, "attest", List.of("--type", "cyclonedx", "--predicate", bom), digest);
        sign(cosign, version, "attest", List.of("--type", "slsaprovenance1", "--predicate", slsa), digest);
        sign(cosign, version, "attest", List.of("--type", "vuln", "--predicate", scan), digest);
        var verifier = SignatureVerifier.of(List.of(Files.readString(folder.resolve("cosign.pub"))));
        assertThat(verifier.requireAttestations(repository, digest, List.of(AttestationType.values())))
                .extracting(found -> found.by().form())
                .containsOnly(form);
    }

    private Path generateKeys(Tool cosign) {
        cosign.run("generate-key-pair");
        return folder.resolve("cosign.key");
    }

    private void sign(Tool cosign, String version, String command, List<Object> more, Digest digest) {
        var arguments =
                new ArrayList<Object>(List.of(command, "--key", folder.resolve("cosign.key"), "--tlog-upload=false"));
        if (version.equals("cosign-sid")) {
            arguments.add("--use-signing-config=false");
        }
        arguments.addAll(more);
        arguments.addAll(List.of("--allow-http-registry", "-y", name + "@" + digest));
        cosign.run(arguments.toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"cosign-trixie", "cosign-sid"})
    void weVerifyWhatCosignSigns(String version) throws IOException {
        Tool cosign = tool(version);
        Digest digest = push();
        generateKeys(cosign);
        sign(cosign, version, "sign", List.of(), digest);
        String key = Files.readString(folder.resolve("cosign.pub"));
        String form = version.equals("cosign-sid") ? Verified.COSIGN_V3 : Verified.COSIGN_V2;
        assertThat(SignatureVerifier.of(List.of(key)).verify(repository, digest).form())
                .isEqualTo(form);
        assertThat(SignatureVerifier.of(List.of(key))
                        .verify(pull(repository, digest).evidence(), digest)
                        .form())
                .isEqualTo(form);
        String other = Signer.of(Keys.privatePem()).publicKeyPem();
        assertThatThrownBy(() -> SignatureVerifier.of(List.of(other)).verify(repository, digest))
                .isInstanceOf(SignatureInvalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cosign-trixie", "cosign-sid"})
    void anAttestationByCosignAloneIsNoSignature(String version) throws IOException {
        Tool cosign = tool(version);
        Digest digest = push();
        generateKeys(cosign);
        Path sbom = Files.writeString(
                folder.resolve("bom.json"), "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[]}");
        sign(cosign, version, "attest", List.of("--type", "cyclonedx", "--predicate", sbom), digest);
        var verifier = SignatureVerifier.of(List.of(Files.readString(folder.resolve("cosign.pub"))));
        assertThatThrownBy(() -> verifier.verify(repository, digest)).isInstanceOf(NoSignature.class);
        sign(cosign, version, "sign", List.of(), digest);
        assertThat(verifier.verify(repository, digest).signer()).isNotBlank();
    }

    @ParameterizedTest
    @ValueSource(strings = {"oras-trixie", "oras-sid"})
    void wePullWhatOrasPushes(String version) throws IOException {
        Tool oras = tool(version);
        Files.write(folder.resolve("model.onnx"), Models.noise(9, 50_000));
        Files.writeString(folder.resolve("config.json"), "{\"descriptor\":{},\"config\":{},\"modelfs\":{}}");
        String metadata = new String(Models.metadata("2.4.1", "jetson", "cv3").canonicalJson(), StandardCharsets.UTF_8);
        oras.run(
                "push",
                "--plain-http",
                "--artifact-type",
                MediaTypes.MODEL_MANIFEST,
                "--config",
                "config.json:" + MediaTypes.MODEL_CONFIG,
                "--annotation",
                ModelMetadata.ANNOTATION + "=" + metadata,
                name + ":2.4.1-jetson",
                "model.onnx:" + MediaTypes.MODEL_WEIGHT + ".raw");
        CachedModel model = pull(repository, repository.head("2.4.1-jetson"));
        assertThat(model.folder().resolve("models/model.onnx")).hasBinaryContent(Models.noise(9, 50_000));
        assertThat(model.metadata().version()).isEqualTo("2.4.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oras-trixie", "oras-sid"})
    void whatOrasAttachesIsAmongTheReferrers(String version) throws IOException {
        Tool oras = tool(version);
        Digest digest = push();
        Signer.of(Keys.privatePem()).signV3(repository, digest);
        Files.writeString(folder.resolve("bom.json"), "{\"bomFormat\":\"CycloneDX\"}");
        oras.run(
                "attach",
                "--plain-http",
                "--artifact-type",
                MediaTypes.CYCLONEDX,
                name + "@" + digest,
                "bom.json:" + MediaTypes.CYCLONEDX);
        assertThat(repository.referrers(digest))
                .extracting(d -> d.artifactType().orElse(""))
                .containsExactlyInAnyOrder(MediaTypes.CYCLONEDX, MediaTypes.SIGSTORE_BUNDLE);
        // And oras finds ours beside its own.
        assertThat(oras.run("discover", "--plain-http", name + "@" + digest)).contains(MediaTypes.SIGSTORE_BUNDLE);
    }
}
