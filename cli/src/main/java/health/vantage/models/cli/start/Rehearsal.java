package health.vantage.models.cli.start;

import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.files.DurableFiles;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.ToIntFunction;

/**
 * The commonest commands on a small model of noise in a folder of its own, so that a JVM that records them
 * ({@code -XX:AOTCacheOutput}) knows what every later start will need. Reads and writes nothing else.
 */
public final class Rehearsal {
    /** Enough for the JVM to see that hashing and receiving are what it does most. */
    private static final int WEIGHTS_MIB = 32;

    private static final int FILES = 3;
    private static final String TAG = "1.0.0-cpu";
    private static final String METADATA = """
            {"name":"rehearsal","version":"1.0.0","variant":"cpu","capabilities":["none"],
             "model":{"format":"onnx","precision":"fp32","inputShape":[1,3,8,8],"outputShape":[1,4],"vramGB":1,"latencyMs":1},
             "provenance":{"trainingRun":"none","dataset":"none","trainedAt":"2026-01-01T00:00:00Z","trainedBy":"none"},
             "deployment":{"targets":["cpu"]}}
            """;

    private final ToIntFunction<String[]> command;

    /** @param command runs a command line and gives its exit code */
    public Rehearsal(ToIntFunction<String[]> command) {
        this.command = command;
    }

    /** @throws IllegalStateException if a command fails: what was recorded is then not worth keeping */
    public void run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("kubectl-model-rehearsal");
        try {
            run(folder);
        } finally {
            DurableFiles.deleteTree(folder);
        }
    }

    private void run(Path folder) throws IOException, InterruptedException {
        Path metadata = Files.writeString(folder.resolve("metadata.json"), METADATA);
        var pack = new java.util.ArrayList<>(List.of("pack", "-m", metadata.toString()));
        for (int i = 0; i < FILES; i++) {
            pack.add("-w");
            pack.add(noise(folder.resolve("weights-" + i + ".onnx"), WEIGHTS_MIB / FILES)
                    .toString());
        }
        String layout = "oci:" + folder.resolve("layout").resolve(LoopbackRegistry.NAME);
        pack.add(layout);
        command(pack.toArray(String[]::new));
        command("inspect", layout + ":" + TAG);
        command("ls", layout);
        Repository content = new Repositories(RegistryOptions.defaults()).open(Reference.parse(layout));
        try (var plain = new LoopbackRegistry(content, TAG)) {
            String cache = folder.resolve("cache").toString();
            command("pull", "--quiet", "--cache", cache, plain.host() + "/" + LoopbackRegistry.NAME + ":" + TAG);
            command("fsck", "--cache", cache);
        }
        Path authority = folder.resolve("authority.pem");
        try (var secure = new LoopbackRegistry(content, TAG, RehearsalTls.make(folder, authority))) {
            command(
                    "pull",
                    "--quiet",
                    "--ca-file",
                    authority.toString(),
                    "--cache",
                    folder.resolve("cache-tls").toString(),
                    secure.host() + "/" + LoopbackRegistry.NAME + ":" + TAG);
        }
    }

    private void command(String... arguments) {
        int code = command.applyAsInt(arguments);
        if (code != 0) {
            throw new IllegalStateException(
                    "Rehearsing '" + String.join(" ", arguments) + "' failed with exit code " + code);
        }
    }

    private static Path noise(Path file, int mebibytes) throws IOException {
        var random = new Random(7);
        byte[] bytes = new byte[1 << 20];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(bytes);
                out.write(bytes);
            }
        }
        return file;
    }
}
