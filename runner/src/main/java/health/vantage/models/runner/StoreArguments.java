package health.vantage.models.runner;

import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.Watermarks;
import health.vantage.models.artifact.registry.RateLimit;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.store.ArtifactStore;
import health.vantage.models.runner.workstation.WorkstationConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where models come from and where they stay: what {@code serve} and {@code prefetch} have in common. */
final class StoreArguments {
    /** In the cache folder: what registries answered last. */
    static final String ANSWERS = "workstation";

    private static final long MIB = 1024 * 1024;

    @Option(
            names = "--cache-dir",
            defaultValue = "${env:VANTAGE_CACHE_DIR:-/var/lib/vantage/models}",
            description = "Env VANTAGE_CACHE_DIR: models and journal. Default: ${DEFAULT-VALUE}")
    private Path cacheDir;

    @Option(
            names = "--keep-free-mib",
            defaultValue = "${env:VANTAGE_KEEP_FREE_MIB:-512}",
            description =
                    "Env VANTAGE_KEEP_FREE_MIB: a pull that would leave less on the disk is refused. Default: ${DEFAULT-VALUE}")
    private long keepFreeMiB;

    @Option(
            names = "--cache-high-mib",
            defaultValue = "${env:VANTAGE_CACHE_HIGH_MIB:-0}",
            description =
                    "Env VANTAGE_CACHE_HIGH_MIB: versions that this node does not need stay until all models take more than this; 0 removes them at once. What serves, its last good one and those before it always stay. Default: ${DEFAULT-VALUE}")
    private long cacheHighMiB;

    @Option(
            names = "--cache-low-mib",
            defaultValue = "${env:VANTAGE_CACHE_LOW_MIB}",
            description =
                    "Env VANTAGE_CACHE_LOW_MIB: then the least recently used go, until they take no more than this. Default: four fifths of --cache-high-mib")
    private Long cacheLowMiB;

    @Option(
            names = "--docker-config",
            paramLabel = "folder",
            defaultValue = "${env:DOCKER_CONFIG:-}",
            description = "Env DOCKER_CONFIG: the folder with config.json for registries' credentials.")
    private String dockerConfig;

    @Option(
            names = "--plain-http",
            paramLabel = "host[:port]",
            split = ",",
            defaultValue = "${env:VANTAGE_PLAIN_HTTP:-}",
            description = "Env VANTAGE_PLAIN_HTTP: registries without TLS, with commas; loopback always may.")
    private List<String> plainHttp = new ArrayList<>();

    @Option(
            names = "--ca-file",
            paramLabel = "file",
            defaultValue = "${env:VANTAGE_CA_FILE:-}",
            description = "Env VANTAGE_CA_FILE: PEM certificates of registries, beside the platform's.")
    private String caFile;

    @Option(
            names = "--pull-rate",
            paramLabel = "rate",
            defaultValue = "${env:VANTAGE_PULL_RATE:-}",
            description = "Env VANTAGE_PULL_RATE: pull at most this many bytes a second, such as 5M; all if empty.")
    private String pullRate;

    @Option(
            names = "--pull-split",
            paramLabel = "connections",
            defaultValue = "${env:VANTAGE_PULL_SPLIT:-1}",
            description = "Env VANTAGE_PULL_SPLIT: fetch each blob over so many connections. Default: ${DEFAULT-VALUE}")
    private int pullSplit;

    /** The file's folder where it names one. */
    Path folder(Optional<WorkstationConfig> config) {
        return config.flatMap(WorkstationConfig::cacheFolder).orElse(cacheDir);
    }

    Repositories repositories() {
        RegistryOptions options = RegistryOptions.defaults()
                .withPlainHttp(new HashSet<>(plainHttp))
                .withConnectionsPerBlob(pullSplit);
        options = dockerConfig.isBlank() ? options : options.withDockerConfig(Path.of(dockerConfig));
        options = pullRate.isBlank() ? options : options.withRateLimit(RateLimit.parse(pullRate));
        return new Repositories(caFile.isBlank() ? options : options.withCaFile(Path.of(caFile)));
    }

    ArtifactStore store(Path folder, Repositories repositories) {
        long low = cacheLowMiB == null ? cacheHighMiB * 4 / 5 : cacheLowMiB;
        CacheLimits limits = CacheLimits.defaults()
                .withKeepFreeBytes(keepFreeMiB * MIB)
                .withWatermarks(new Watermarks(cacheHighMiB * MIB, low * MIB));
        NodeCache cache = NodeCache.open(folder, limits);
        return new ArtifactStore(repositories, cache);
    }
}
