package health.vantage.models.artifact.cache;

import static health.vantage.models.artifact.testing.StubRegistry.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.testing.Models;
import health.vantage.models.artifact.testing.StubRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk of 2 MiB that is really full: a tmpfs that only one process sees. */
class FullDiskTest {
    private static final String PATH = "/v2/vantage/retina-seg";

    @TempDir
    Path folder;

    private int inNamespace(Path log, String... command) throws IOException, InterruptedException {
        var all = new java.util.ArrayList<>(java.util.List.of("unshare", "-rm", "sh", "-c"));
        all.add("mount -t tmpfs -o size=2m tmpfs \"$0\" && exec \"$@\"");
        all.add(Files.createDirectories(folder.resolve("disk")).toString());
        all.addAll(java.util.List.of(command));
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The program did not end: " + Files.readString(log));
        }
        return process.exitValue();
    }

    @Test
    void aPullThatMeetsAFullDiskSaysSoAndGoesOnFromThere() throws Exception {
        Path log = folder.resolve("log");
        boolean possible = Files.isExecutable(Path.of("/usr/bin/unshare")) && inNamespace(log, "true") == 0;
        assumeTrue(possible, "a small disk of its own is missing: this user may not run unshare -rm and mount a tmpfs");
        try (var stub = new StubRegistry()) {
            Repository layout = Models.layout(folder);
            Digest model = Models.push(layout, folder.resolve("work"), Models.metadata("1.0.0", "jetson", "cv3"));
            FetchedManifest fetched = layout.manifest(model);
            stub.on(
                    "GET " + PATH + "/manifests/" + model,
                    body(200, fetched.bytes(), "Content-Type", fetched.mediaType()));
            var manifest = (Manifest.Artifact) fetched.parsed();
            for (var blob : manifest.layers()) {
                stub.on(
                        "GET " + PATH + "/blobs/" + blob.digest(),
                        StubRegistry.ranged(layout.smallBlob(blob, 1 << 20)));
            }
            stub.on(
                    "GET " + PATH + "/blobs/" + manifest.config().digest(),
                    StubRegistry.ranged(layout.smallBlob(manifest.config(), 1 << 20)));
            int exit = inNamespace(
                    log,
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    FullDiskProgram.class.getName(),
                    folder.resolve("disk").toString(),
                    stub.host() + "/vantage/retina-seg",
                    model.toString());
            String said = Files.readString(log);
            assertThat(exit).as(said).isZero();
            assertThat(said).containsSubsequence("full: The disk of", "is full after", "found: false", "whole: 2");
            assertThat(stub.seen())
                    .anyMatch(request -> request.startsWith("GET " + PATH + "/blobs/"
                                    + manifest.layers().getFirst().digest())
                            && request.contains("bytes="));
        }
    }
}
