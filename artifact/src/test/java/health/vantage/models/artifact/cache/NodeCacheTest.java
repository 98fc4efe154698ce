package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.AttestationInvalid;
import health.vantage.models.artifact.ArtifactException.DigestNotFound;
import health.vantage.models.artifact.ArtifactException.DiskFull;
import health.vantage.models.artifact.ArtifactException.InsecureArchive;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.archive.TarHeader;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.BlobSource;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Keys;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.verify.AttestationType;
import health.vantage.models.artifact.verify.SignatureVerifier;
import health.vantage.models.artifact.verify.Signer;
import health.vantage.models.artifact.verify.TrustPolicy;
import health.vantage.models.artifact.verify.Verified;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCacheTest {
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
    void aPulledModelHasItsFilesAtTheirPaths() throws IOException {
        Digest digest = push("2.4.1");
        var done = new AtomicLong();
        var total = new AtomicLong();

        CachedModel model = cache.pull(repository, digest, (d, t) -> {
            done.set(d);
            total.set(t);
        });

        assertThat(model.folder().resolve("models/backbone.onnx")).hasBinaryContent(Models.noise(1, 300_000));
        assertThat(model.weights())
                .extracting(path -> path.getFileName().toString())
                .containsExactly("backbone.onnx", "head.onnx");
        assertThat(model.files()).extracting(CachedModel.CachedFile::path).contains("models/labels.json");
        assertThat(model.metadata()).isEqualTo(Models.metadata("2.4.1", "jetson", "cv3"));
        assertThat(model.goldenSample()).isEmpty();
        assertThat(done.get()).isEqualTo(total.get()).isPositive();
        assertThat(cache.find(digest)).get().extracting(CachedModel::sizeBytes).isEqualTo(model.sizeBytes());
        assertThat(cache.verify(digest).digest()).isEqualTo(digest);
        assertThat(cache.contents()).extracting(CachedModel::digest).containsExactly(digest);
    }

    @Test
    void nothingButTheModelIsLeftAfterAPull() throws IOException {
        cache.pull(repository, push("2.4.1"), PullListener.NONE);
        for (String part : List.of("partial", "staging", "claims")) {
            assertThat(folder.resolve("cache").resolve(part)).isEmptyDirectory();
        }
    }

    @Test
    void aSharedLayerIsStoredOnce() throws IOException {
        CachedModel one = cache.pull(repository, push("2.4.1"), PullListener.NONE);
        CachedModel other = cache.pull(repository, push("2.4.2"), PullListener.NONE);
        assertThat(Files.isSameFile(
                        one.folder().resolve("models/backbone.onnx"),
                        other.folder().resolve("models/backbone.onnx")))
                .isTrue();
        assertThat(Files.isSameFile(
                        one.folder().resolve("models/head.onnx"), other.folder().resolve("models/head.onnx")))
                .isFalse();
    }

    @Test
    void aFlippedBitIsFoundNamedAndHealed() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        flipBit(model.folder().resolve("models/head.onnx"), 777);

        assertThatThrownBy(() -> cache.verify(digest))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("models/head.onnx")
                .hasMessageNotContaining("models/backbone.onnx");
        assertThat(cache.find(digest)).isEmpty();

        CachedModel healed = cache.pull(repository, digest, PullListener.NONE);
        assertThat(cache.verify(digest).sizeBytes()).isEqualTo(healed.sizeBytes());
    }

    private static void flipBit(Path file, int at) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[at] ^= 0x10;
        Files.write(file, bytes);
    }

    @Test
    void aFlippedBitInTheKeptManifestOrRecordIsFoundToo() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        flipBit(model.folder().resolveSibling("evidence/blobs/sha256").resolve(digest.hex()), 100);
        assertThatThrownBy(() -> cache.verify(digest))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining("manifest");

        model = cache.pull(repository, digest, PullListener.NONE);
        Files.writeString(model.folder().resolveSibling("model.json"), "{");
        assertThat(cache.find(digest)).isEmpty();
        assertThat(cache.pull(repository, digest, PullListener.NONE).weights()).hasSize(2);
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

    @Test
    void pruningKeepsWhatIsWantedAndItsSharedLayers() throws IOException {
        Digest one = push("2.4.1");
        Digest other = push("2.4.2");
        cache.pull(repository, one, PullListener.NONE);
        cache.pull(repository, other, PullListener.NONE);

        cache.prune(Set.of(other));

        assertThat(cache.contents()).extracting(CachedModel::digest).containsExactly(other);
        assertThat(cache.verify(other).digest()).isEqualTo(other);
        try (var layers = Files.list(folder.resolve("cache/layers"))) {
            assertThat(layers).hasSize(3);
        }
        cache.prune(Set.of());
        assertThat(folder.resolve("cache/layers")).isEmptyDirectory();
        assertThat(folder.resolve("cache/models")).isEmptyDirectory();
    }

    @Test
    void aModelThatIsNotHereIsNotFound() {
        Digest digest = push("2.4.1");
        assertThat(cache.find(digest)).isEmpty();
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(DigestNotFound.class);
    }

    @Test
    void aPullThatWouldFillTheDiskIsRefusedBeforeItStarts() {
        Digest digest = push("2.4.1");
        var careful =
                NodeCache.open(folder.resolve("cache"), CacheLimits.defaults().withKeepFreeBytes(Long.MAX_VALUE / 4));
        assertThatThrownBy(() -> careful.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(DiskFull.class)
                .hasMessageContainingAll("MiB", "remove models or free some");
        assertThat(careful.freeBytes()).isZero();
        assertThat(cache.freeBytes()).isPositive();
    }

    @Test
    void aBlobDamagedInTheRepositoryIsNotTaken() throws IOException {
        Digest digest = push("2.4.1");
        var manifest = (Manifest.Artifact) repository.manifest(digest).parsed();
        Path blob = folder.resolve("retina-seg/blobs/sha256")
                .resolve(manifest.layers().get(1).digest().hex());
        byte[] bytes = Files.readAllBytes(blob);
        bytes[5000] ^= 1;
        Files.write(blob, bytes);

        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(IntegrityMismatch.class)
                .hasMessageContaining(manifest.layers().get(1).digest().toString());
        assertThat(cache.find(digest)).isEmpty();
    }

    @Test
    void whatAnInterruptedPullLeftIsContinuedEvenIfItsEndIsDamaged() throws IOException {
        Digest digest = push("2.4.1");
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        byte[] whole = Files.readAllBytes(
                folder.resolve("retina-seg/blobs/sha256").resolve(layer.digest().hex()));
        byte[] start = java.util.Arrays.copyOf(whole, 100_000);
        java.util.Arrays.fill(start, 90_000, 100_000, (byte) 0);
        Files.write(folder.resolve("cache/partial").resolve(layer.digest().hex()), start);

        cache.pull(repository, digest, PullListener.NONE);
        assertThat(cache.verify(digest).folder().resolve("models/backbone.onnx"))
                .hasBinaryContent(Models.noise(1, 300_000));
    }

    @Test
    void aSingleFileThatIsNotCompressedIsWrittenOnce() throws IOException {
        Digest digest = push("2.4.1");
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        assertThat(layer.mediaType()).endsWith(".tar");
        byte[] whole = Files.readAllBytes(
                folder.resolve("retina-seg/blobs/sha256").resolve(layer.digest().hex()));
        Path partial = folder.resolve("cache/partial").resolve(layer.digest().hex());
        Files.write(partial.resolveSibling(layer.digest().hex() + ".head"), java.util.Arrays.copyOf(whole, 512));
        Files.write(partial, java.util.Arrays.copyOfRange(whole, 512, 200_000));
        Object inode = Files.getAttribute(partial, "unix:ino");

        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        Path file = model.folder().resolve("models/backbone.onnx");
        assertThat(file).hasBinaryContent(Models.noise(1, 300_000));
        assertThat(Files.getAttribute(file, "unix:ino"))
                .as("the file that was downloaded is the model's")
                .isEqualTo(inode);
        assertThat(cache.verify(digest).digest()).isEqualTo(digest);
    }

    @Test
    void aRecordThatVouchesForOtherWeightsDoesNotPass() throws IOException {
        Digest digest = push("2.4.1");
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        var layers = ((Manifest.Artifact) repository.manifest(digest).parsed()).layers();
        // labels.json is compressed, backbone.onnx is not: each is bound to the manifest in its own way.
        for (String name : List.of("labels.json", "backbone.onnx")) {
            Path file = model.folder().resolve("models").resolve(name);
            flipBit(file, 100);
            for (var layer : layers) {
                Path layerFolder =
                        folder.resolve("cache/layers").resolve(layer.digest().hex());
                LayerRecord record = LayerRecord.read(layerFolder);
                List<Path> files = record.files().stream()
                        .map(f -> layerFolder.resolve("files").resolve(f.path()))
                        .toList();
                Digest tar = record.framing().orElseThrow().digest(files);
                Files.write(
                        layerFolder.resolve("layer.json"),
                        new LayerRecord(record.encoding(), tar, record.files(), record.framing()).toBytes());
            }
            assertThatThrownBy(() -> cache.verify(digest))
                    .isInstanceOf(IntegrityMismatch.class)
                    .hasMessageContaining("models/" + name);
            model = cache.pull(repository, digest, PullListener.NONE);
            assertThat(cache.verify(digest).digest()).isEqualTo(digest);
        }
    }

    @Test
    void aConfigThatSaysAnotherContentThanTheLayersHaveIsRefused() throws IOException {
        byte[] tar = tar("models/a", '0', new byte[20_000]);
        byte[] zstd = com.github.luben.zstd.Zstd.compress(tar, 3);
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".tar+zstd", zstd);
        String config = "{\"modelfs\":{\"type\":\"layers\",\"diffIds\":[\"%s\"]}}";
        Digest right = pushLayers(layer, zstd, config.formatted(Digest.of(tar)).getBytes());
        cache.pull(repository, right, PullListener.NONE);
        assertThat(cache.verify(right).weights()).hasSize(1);

        Digest wrong = pushLayers(layer, zstd, config.formatted(Digest.of(zstd)).getBytes());
        assertThatThrownBy(() -> cache.pull(repository, wrong, PullListener.NONE))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("the config says");
    }

    @Test
    void aTarOfSeveralFilesIsUnpackedAndVerifiedToo() throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(tar("models/big", '0', Models.noise(5, 100_000)));
        out.writeBytes(tar("models/small", '0', Models.noise(6, 10)));
        out.writeBytes(new byte[10_240]);
        // The second file is so small that only its bytes tell it from the end of the first one's tar.
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", out.toByteArray());
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        assertThat(model.folder().resolve("models/big")).hasBinaryContent(Models.noise(5, 100_000));
        assertThat(model.folder().resolve("models/small")).hasBinaryContent(Models.noise(6, 10));
        assertThat(cache.verify(digest).weights()).hasSize(2);
        flipBit(model.folder().resolve("models/small"), 3);
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(IntegrityMismatch.class);
    }

    @Test
    void aTarOfVeryManyFilesIsVerifiedByTheirDigests() throws IOException {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 1500; i++) {
            out.writeBytes(tar("models/part-" + i, '0', Models.noise(i, 300)));
        }
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", out.toByteArray());
        CachedModel model = cache.pull(repository, digest, PullListener.NONE);
        var layer = ((Manifest.Artifact) repository.manifest(digest).parsed())
                .layers()
                .getFirst();
        assertThat(LayerRecord.read(folder.resolve("cache/layers")
                                .resolve(layer.digest().hex()))
                        .framing())
                .isEmpty();
        assertThat(cache.verify(digest).weights()).hasSize(1500);
        flipBit(model.folder().resolve("models/part-777"), 3);
        assertThatThrownBy(() -> cache.verify(digest)).isInstanceOf(IntegrityMismatch.class);
    }

    // ---- hostile archives, made by hand ----

    private Digest pushTar(String mediaType, byte[] blob) {
        return pushLayers(Descriptor.of(mediaType, blob), blob);
    }

    private Digest pushLayers(Descriptor layer, byte[] blob) {
        return pushLayers(layer, blob, "{}".getBytes());
    }

    private Digest pushLayers(Descriptor layer, byte[] blob, byte[] config) {
        Descriptor configDescriptor = Descriptor.of(MediaTypes.MODEL_CONFIG, config);
        repository.putBlob(configDescriptor, BlobSource.of(config));
        repository.putBlob(layer, BlobSource.of(blob));
        byte[] json = Models.metadata("1.0.0", "jetson", "cv3").canonicalJson();
        var annotations = new TreeMap<>(Map.of(ModelMetadata.ANNOTATION, new String(json, StandardCharsets.UTF_8)));
        byte[] manifest = Manifest.Artifact.of(MediaTypes.MODEL_MANIFEST, configDescriptor, List.of(layer), annotations)
                .toBytes();
        return repository.putManifest(Digest.of(manifest).toString(), MediaTypes.OCI_MANIFEST, manifest);
    }

    private static byte[] tar(String path, char type, byte[] content) {
        byte[] header = TarHeader.of(path.length() > 90 ? "x" : path, content.length);
        header[156] = (byte) type;
        java.util.Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        byte[] digits = String.format("%06o\0 ", sum).getBytes();
        System.arraycopy(digits, 0, header, 148, 8);
        var out = new ByteArrayOutputStream();
        out.writeBytes(header);
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return out.toByteArray();
    }

    private void refused(byte[] tar, String because) throws IOException {
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", tar);
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(InsecureArchive.class)
                .hasMessageContaining(because);
        assertThat(cache.find(digest)).isEmpty();
        assertThat(folder.resolve("cache/staging")).isEmptyDirectory();
        assertThat(folder.resolve("cache/layers")).isEmptyDirectory();
        assertThat(folder.resolve("escaped")).doesNotExist();
    }

    @Test
    void anArchiveThatLeadsOutOfItsFolderIsRefused() throws IOException {
        refused(tar("../../../../escaped", '0', new byte[10]), "leads out of its folder");
        refused(tar("models/../../escaped", '0', new byte[10]), "leads out of its folder");
        refused(
                tar(folder.resolve("escaped").toString().length() < 90 ? "/tmp/escaped" : "/x", '0', new byte[1]),
                "absolute");
        refused(tar("models/a\\..\\b", '0', new byte[1]), "backslashes");
    }

    @Test
    void longNamesOfGnuAndPaxLeadOutNoMoreThanShortOnes() throws IOException {
        String path = "../".repeat(40) + "escaped";
        var gnu = new ByteArrayOutputStream();
        gnu.writeBytes(tar("././@LongLink", 'L', (path + "\0").getBytes()));
        gnu.writeBytes(tar("short", '0', new byte[3]));
        refused(gnu.toByteArray(), "leads out of its folder");
        var pax = new ByteArrayOutputStream();
        String record = " path=" + path + "\n";
        pax.writeBytes(tar("pax", 'x', ((record.length() + 3) + record).getBytes()));
        pax.writeBytes(tar("short", '0', new byte[3]));
        refused(pax.toByteArray(), "leads out of its folder");
    }

    @Test
    void linksAndDevicesAreRefused() throws IOException {
        refused(tar("models/link", '2', new byte[0]), "a symbolic link");
        refused(tar("models/link", '1', new byte[0]), "a hard link");
        refused(tar("models/null", '3', new byte[0]), "a device");
        refused(tar("models/pipe", '6', new byte[0]), "a pipe");
    }

    @Test
    void aPathTwiceIsRefused() throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(tar("models/a", '0', new byte[3]));
        out.writeBytes(tar("models/a", '0', new byte[4]));
        refused(out.toByteArray(), "twice");
    }

    @Test
    void aDecompressionBombIsStopped() throws IOException {
        byte[] zeros = new byte[64 << 20];
        byte[] bomb = com.github.luben.zstd.Zstd.compress(tar("models/zeros", '0', zeros), 3);
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar+zstd", bomb);
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(InsecureArchive.class)
                .hasMessageContaining("unpacks to more than");
    }

    @Test
    void anArchiveThatEndsTooEarlyIsNotUsed() {
        byte[] whole = tar("models/a", '0', new byte[5000]);
        Digest digest = pushTar(MediaTypes.MODEL_WEIGHT + ".tar", java.util.Arrays.copyOf(whole, 3000));
        assertThatThrownBy(() -> cache.pull(repository, digest, PullListener.NONE))
                .isInstanceOf(UnsupportedArtifact.class)
                .hasMessageContaining("ends inside a file");
    }

    @Test
    void aRawLayerIsPlacedByItsAnnotation() {
        byte[] weights = Models.noise(3, 5000);
        Descriptor layer = Descriptor.of(MediaTypes.MODEL_WEIGHT + ".raw", weights)
                .annotated(Map.of(MediaTypes.MODEL_FILEPATH, "models/deep/model.gguf"));
        CachedModel model = cache.pull(repository, pushLayers(layer, weights), PullListener.NONE);
        assertThat(model.weight()).get().isEqualTo(model.folder().resolve("models/deep/model.gguf"));
        assertThat(model.weight().orElseThrow()).hasBinaryContent(weights);

        Descriptor moved = layer.annotated(Map.of(MediaTypes.MODEL_FILEPATH, "models/elsewhere.gguf"));
        CachedModel other = cache.pull(repository, pushLayers(moved, weights), PullListener.NONE);
        assertThat(other.folder().resolve("models/elsewhere.gguf")).hasBinaryContent(weights);

        Descriptor escaping = layer.annotated(Map.of(MediaTypes.MODEL_FILEPATH, "../../escaped"));
        assertThatThrownBy(() -> cache.pull(repository, pushLayers(escaping, weights), PullListener.NONE))
                .isInstanceOf(InsecureArchive.class);
    }
}
