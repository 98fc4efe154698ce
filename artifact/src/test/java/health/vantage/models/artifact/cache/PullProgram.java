package health.vantage.models.artifact.cache;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.testing.Models;
import java.nio.file.Path;

/** Pulls one model in a process of its own, for tests that kill it. */
final class PullProgram {
    private PullProgram() {}

    public static void main(String[] args) {
        try (var cache = NodeCache.open(Path.of(args[0]), CacheLimits.defaults().withKeepFreeBytes(0))) {
            cache.pull(Models.open(args[1]), Digest.parse(args[2]), PullListener.NONE);
        }
    }

    static Process start(Path cache, String repository, Digest digest) throws java.io.IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PullProgram.class.getName(),
                        cache.toString(),
                        repository,
                        digest.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
