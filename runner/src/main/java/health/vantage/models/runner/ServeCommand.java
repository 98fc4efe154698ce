package health.vantage.models.runner;

import health.vantage.models.api.Verification;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.store.ModelStore;
import health.vantage.models.runner.workstation.Answers;
import health.vantage.models.runner.workstation.KeepingStore;
import health.vantage.models.runner.workstation.WishResolver;
import health.vantage.models.runner.workstation.WorkstationConfig;
import health.vantage.models.runner.workstation.WorkstationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "With --model it serves these and needs no Kubernetes; with --config it also follows their tags. Without, it follows the ModelNode named by --node-name:"
                    + " the cluster is found by KUBECONFIG or, in a pod, by its service account."
        })
final class ServeCommand implements Callable<Integer> {
    private static final long MIB = 1024 * 1024;

    /** In the cache folder: what TensorRT built from models, which takes minutes. */
    private static final String BUILT_ENGINES = "tensorrt";

    @Option(
            names = "--config",
            paramLabel = "file.yaml",
            description = "Serve the models that this file names, and follow their tags, without Kubernetes.")
    private Optional<Path> config = Optional.empty();

    @Mixin
    private StoreArguments storing;

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

    @Mixin
    private EngineArguments engines;

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

    @Mixin
    private LaneArguments lanes;

    @Mixin
    private AccessArguments access;

    @Mixin
    private TraceArguments traces;

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
            names = "--shared-memory",
            paramLabel = "folder",
            defaultValue = "${env:VANTAGE_SHARED_MEMORY:-}",
            description =
                    "Env VANTAGE_SHARED_MEMORY: clients may pass tensors in files below this folder, such as /dev/shm/vantage;"
                            + " whoever reaches the gRPC port can then use all of them. Default: off")
    private String sharedMemory;

    @Option(
            names = "--shared-memory-copy",
            defaultValue = "${env:VANTAGE_SHARED_MEMORY_COPY:-false}",
            description =
                    "Env VANTAGE_SHARED_MEMORY_COPY: copy tensors from and to shared memory instead of computing in it, so that"
                            + " a client that cuts its file off during a run cannot end the runner. Default: ${DEFAULT-VALUE}")
    private boolean sharedMemoryCopy;

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

    @Override
    public Integer call() throws Exception {
        checkWhatToServe();
        Optional<WorkstationConfig> workstation = config.map(WorkstationFile::read);
        TermSignal term = TermSignal.intercept();
        Path folder = storing.folder(workstation);
        Answers answers = Answers.open(folder.resolve(StoreArguments.ANSWERS));
        Repositories repositories = storing.repositories();
        RunnerProcess process = RunnerProcess.start(options(folder, answers, repositories, workstation));
        try {
            if (workstation.isPresent()) {
                process.attend(workstation.get(), new WishResolver(repositories, answers));
            } else if (models.isEmpty()) {
                process.follow(nodeName, tier, Duration.ofSeconds(reportInterval));
            } else {
                process.serve(references(repositories), Verification.keys(keys()));
            }
            term.await();
        } finally {
            process.stop();
        }
        return 0;
    }

    private void checkWhatToServe() {
        if (config.isPresent() && !models.isEmpty()) {
            throw new IllegalArgumentException("--config and --model exclude each other: name the model in the file");
        }
        if (config.isEmpty() && models.isEmpty() && (nodeName == null || nodeName.isBlank())) {
            throw new IllegalArgumentException(
                    "nothing to serve: give --config or --model, or --node-name (env NODE_NAME) to follow a ModelNode");
        }
    }

    private RunnerProcess.Options options(
            Path folder, Answers answers, Repositories repositories, Optional<WorkstationConfig> workstation) {
        int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        ModelStore store = storing.store(folder, repositories);
        return new RunnerProcess.Options(
                new ServingOptions(
                        ListenAddress.tcp(listen, grpcPort),
                        ListenAddress.unix(listen),
                        ListenAddress.parse(httpListen, httpPort),
                        cores,
                        Optional.of(folder.resolve(BUILT_ENGINES)),
                        lanes.limits(queue, workstation),
                        Math.toIntExact(maxMessageMiB * MIB),
                        maxInFlightMiB * MIB,
                        sharedMemory(),
                        access.options(),
                        traces.options()),
                engines.backends(workstation),
                config.isPresent() ? new KeepingStore(store, answers) : store,
                folder.resolve("journal"),
                new Preflight.Limits(Duration.ofSeconds(preflightTimeout), preflightExtraMiB),
                Duration.ofSeconds(soakPatience),
                Duration.ofSeconds(drain));
    }

    private Optional<ServingOptions.SharedMemory> sharedMemory() {
        return Optional.ofNullable(sharedMemory)
                .filter(folder -> !folder.isBlank())
                .map(folder -> new ServingOptions.SharedMemory(Path.of(folder), sharedMemoryCopy));
    }

    private List<LocalModel> references(Repositories repositories) {
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
