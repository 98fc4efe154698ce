package health.vantage.models.runner;

import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RateLimit;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.store.ArtifactStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code runner serve}: with {@code --model} on its own, else as the runner of a Kubernetes node. */
@Command(
        name = "serve",
        aliases = "agent",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves models over gRPC.",
            "",
            "With --model it serves these and needs no Kubernetes. Without, it follows the ModelNode named by --node-name:"
                    + " the cluster is found by KUBECONFIG or, in a pod, by its service account."
        })
final class ServeCommand implements Callable<Integer> {
    private static final long MIB = 1024 * 1024;

    @Option(
            names = "--model",
            paramLabel = "[name=]reference",
            description =
                    "A model to serve: registry.host/repo@sha256:... or oci:/folder:tag. Repeatable. It is served under"
                            + " the given name, else under the repository's last part.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--public-key",
            paramLabel = "file",
            description = "PEM key that must have signed every --model. Repeatable.")
    private List<Path> publicKeys = new ArrayList<>();

    @Option(
            names = "--node-name",
            defaultValue = "${env:NODE_NAME}",
            description = "Env NODE_NAME: the node of this runner.")
    private String nodeName;

    @Option(
            names = "--tier",
            defaultValue = "${env:VANTAGE_TIER:-cpu}",
            description = "Env VANTAGE_TIER: the node's tier, for reports. Default: ${DEFAULT-VALUE}")
    private String tier;

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
            names = "--listen",
            paramLabel = "[host]:port|unix:path",
            split = ",",
            defaultValue = "${env:VANTAGE_GRPC_LISTEN:-}",
            description =
                    "Env VANTAGE_GRPC_LISTEN: where gRPC listens; port 0 for any. unix:/path listens there as well."
                            + " Repeatable or with commas. Default: all addresses, --grpc-port")
    private List<String> listen = new ArrayList<>();

    @Option(
            names = "--grpc-port",
            defaultValue = "${env:VANTAGE_GRPC_PORT:-50051}",
            description = "Env VANTAGE_GRPC_PORT. Default: ${DEFAULT-VALUE}")
    private int grpcPort;

    @Option(
            names = "--http-listen",
            paramLabel = "[host]:port",
            defaultValue = "${env:VANTAGE_HTTP_LISTEN:-}",
            description =
                    "Env VANTAGE_HTTP_LISTEN: where health and metrics listen. Default: all addresses, --http-port")
    private String httpListen;

    @Option(
            names = "--http-port",
            defaultValue = "${env:VANTAGE_HTTP_PORT:-8080}",
            description = "Env VANTAGE_HTTP_PORT: /healthz/live, /healthz/ready, /metrics. Default: ${DEFAULT-VALUE}")
    private int httpPort;

    @Option(
            names = "--threads",
            defaultValue = "${env:VANTAGE_THREADS:-0}",
            description = "Env VANTAGE_THREADS: cores that one run may use; 0 for all. Default: ${DEFAULT-VALUE}")
    private int threads;

    @Option(
            names = "--queue",
            defaultValue = "${env:VANTAGE_QUEUE:-64}",
            description = "Env VANTAGE_QUEUE: requests per model that may wait. Default: ${DEFAULT-VALUE}")
    private int queue;

    @Option(
            names = "--max-message-mib",
            defaultValue = "${env:VANTAGE_MAX_MESSAGE_MIB:-256}",
            description = "Env VANTAGE_MAX_MESSAGE_MIB: the largest request. Default: ${DEFAULT-VALUE}")
    private int maxMessageMiB;

    @Option(
            names = "--max-in-flight-mib",
            defaultValue = "${env:VANTAGE_MAX_IN_FLIGHT_MIB:-1024}",
            description =
                    "Env VANTAGE_MAX_IN_FLIGHT_MIB: tensor bytes of all requests inside. Default: ${DEFAULT-VALUE}")
    private long maxInFlightMiB;

    @Option(
            names = "--preflight-timeout",
            paramLabel = "seconds",
            defaultValue = "${env:VANTAGE_PREFLIGHT_TIMEOUT:-300}",
            description = "Env VANTAGE_PREFLIGHT_TIMEOUT. Default: ${DEFAULT-VALUE}")
    private long preflightTimeout;

    @Option(
            names = "--preflight-extra-mib",
            defaultValue = "${env:VANTAGE_PREFLIGHT_EXTRA_MIB:-768}",
            description = "Env VANTAGE_PREFLIGHT_EXTRA_MIB: memory of a preflight beside what the model declares."
                    + " Default: ${DEFAULT-VALUE}")
    private long preflightExtraMiB;

    @Option(
            names = "--report-interval",
            paramLabel = "seconds",
            defaultValue = "${env:VANTAGE_REPORT_INTERVAL:-15}",
            description =
                    "Env VANTAGE_REPORT_INTERVAL: between reports of progress and counters. Default: ${DEFAULT-VALUE}")
    private long reportInterval;

    @Option(
            names = "--soak-patience",
            paramLabel = "seconds",
            defaultValue = "${env:VANTAGE_SOAK_PATIENCE:-120}",
            description =
                    "Env VANTAGE_SOAK_PATIENCE: how long an unconfirmed version may fail without an instruction, before the node"
                            + " goes back by itself; without an API server it does so at once. Default: ${DEFAULT-VALUE}")
    private long soakPatience;

    @Option(
            names = "--drain",
            paramLabel = "seconds",
            defaultValue = "${env:VANTAGE_DRAIN:-20}",
            description = "Env VANTAGE_DRAIN: how long requests may take to end after TERM. Default: ${DEFAULT-VALUE}")
    private long drain;

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

    @Override
    public Integer call() throws Exception {
        if (models.isEmpty() && (nodeName == null || nodeName.isBlank())) {
            throw new IllegalArgumentException(
                    "nothing to serve: give --model, or --node-name (env NODE_NAME) to follow a ModelNode");
        }
        TermSignal term = TermSignal.intercept();
        RunnerProcess process = RunnerProcess.start(options());
        try {
            if (models.isEmpty()) {
                process.follow(nodeName, tier, Duration.ofSeconds(reportInterval));
            } else {
                process.serve(references(), keys());
            }
            term.await();
        } finally {
            process.stop();
        }
        return 0;
    }

    private RunnerProcess.Options options() {
        int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        Repositories repositories = new Repositories(registryOptions());
        NodeCache cache = NodeCache.open(cacheDir, CacheLimits.defaults().withKeepFreeBytes(keepFreeMiB * MIB));
        return new RunnerProcess.Options(
                new ServingOptions(
                        ListenAddress.tcp(listen, grpcPort),
                        ListenAddress.unix(listen),
                        ListenAddress.parse(httpListen, httpPort),
                        cores,
                        new QueueLimits(queue, 1),
                        Math.toIntExact(maxMessageMiB * MIB),
                        maxInFlightMiB * MIB),
                new ArtifactStore(repositories, cache),
                cacheDir.resolve("journal"),
                new Preflight.Limits(Duration.ofSeconds(preflightTimeout), preflightExtraMiB),
                Duration.ofSeconds(soakPatience),
                Duration.ofSeconds(drain));
    }

    private RegistryOptions registryOptions() {
        RegistryOptions options = RegistryOptions.defaults().withPlainHttp(new HashSet<>(plainHttp));
        options = dockerConfig.isBlank() ? options : options.withDockerConfig(Path.of(dockerConfig));
        options = pullRate.isBlank() ? options : options.withRateLimit(RateLimit.parse(pullRate));
        return caFile.isBlank() ? options : options.withCaFile(Path.of(caFile));
    }

    private List<LocalModel> references() {
        Repositories repositories = new Repositories(registryOptions());
        return models.stream()
                .map(text -> LocalModel.parse(text, reference -> repositories
                        .open(reference)
                        .head(reference.tag().orElse("latest"))))
                .toList();
    }

    private List<String> keys() throws IOException {
        List<String> pems = new ArrayList<>();
        for (Path file : publicKeys) {
            pems.add(Files.readString(file));
        }
        return pems;
    }
}
