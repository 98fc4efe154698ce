package health.vantage.models.runner;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.Verification;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.ProcessMark;
import health.vantage.models.runner.kube.DeviceMemory;
import health.vantage.models.runner.kube.NodeReport;
import health.vantage.models.runner.kube.NodeWatch;
import health.vantage.models.runner.kube.StatusReporter;
import health.vantage.models.runner.node.NodeParts;
import health.vantage.models.runner.node.NodeRunner;
import health.vantage.models.runner.node.StatusBoard;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.store.ModelStore;
import health.vantage.models.runner.workstation.WishResolver;
import health.vantage.models.runner.workstation.Workstation;
import health.vantage.models.runner.workstation.WorkstationConfig;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running runner: serving first, from the journal, then whoever gives instructions. */
public final class RunnerProcess {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerProcess.class);
    private static final Set<State> FAILED = EnumSet.of(State.Failed, State.Reverted);
    private static final Duration FAREWELL = Duration.ofSeconds(2);
    private static final int REQUEST_TIMEOUT_MILLIS = 10_000;

    private final Options options;
    private final Instant startedAt = Instant.now();
    private final ProcessMark mark;
    private final Serving serving;
    private final Journal journal;
    private final StatusBoard board = new StatusBoard(startedAt);
    private final NodeRunner node;
    /** Closed last in, first out. */
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    private Optional<StatusReporter> reporter = Optional.empty();
    /** Whoever gives instructions: it stops before the models do. */
    private Optional<AutoCloseable> instructing = Optional.empty();

    private volatile BooleanSupplier operatorSees = () -> false;

    /**
     * @param soakPatience how long an unconfirmed version may fail before the node acts although the API server can be reached
     * @param drain how long requests may take to end when the process stops
     */
    public record Options(
            ServingOptions serving,
            Backends backends,
            ModelStore store,
            Path journal,
            Preflight.Limits preflight,
            Duration soakPatience,
            Duration drain) {}

    private RunnerProcess(Options options) throws IOException {
        this.options = options;
        this.mark = ProcessMark.set(options.journal());
        this.journal = Journal.open(options.journal());
        this.serving = Serving.start(options.serving(), options.backends());
        NodeParts parts = new NodeParts(
                serving,
                options.store(),
                journal,
                new Preflight(options.preflight(), serving.loading()),
                SteadyClock.start());
        this.node = new NodeRunner(parts, board, () -> operatorSees.getAsBoolean(), options.soakPatience());
    }

    /** Listens, serves what the journal says, and is ready then. */
    public static RunnerProcess start(Options options) throws IOException {
        RunnerProcess process = new RunnerProcess(options);
        process.node.restore(process.mark.lastOneDied());
        LOG.info(
                "gRPC on port {}, health and metrics on port {}, {} models from the journal",
                process.serving.grpcPort(),
                process.serving.httpPort(),
                process.journal.all().size());
        return process;
    }

    public Serving serving() {
        return serving;
    }

    public StatusBoard board() {
        return board;
    }

    /** Takes its instructions from the ModelNode of this name, now or as soon as the API server is there. */
    public void follow(String nodeName, String tier, Duration reportInterval) {
        serving.becomeReady();
        Config config = new ConfigBuilder(Config.autoConfigure(null))
                // Retries are ours: an answer "not now" must come at once, or the node waits instead of acting.
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(REQUEST_TIMEOUT_MILLIS)
                .withConnectionTimeout(REQUEST_TIMEOUT_MILLIS / 2)
                .build();
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        opened.push(client);
        operatorSees = () -> reachable(client, nodeName);
        NodeWatch watch = new NodeWatch(client, nodeName, node, board);
        NodeReport report = new NodeReport(
                board, options.store(), serving.backends(), new DeviceMemory(tier), startedAt, serving.grpcPort());
        StatusReporter teller = new StatusReporter(client, nodeName, board, report, reportInterval);
        opened.push(teller);
        opened.push(watch);
        instructing = Optional.of(watch);
        reporter = Optional.of(teller);
        watch.start();
        teller.start();
        LOG.info("following ModelNode {} at {}", nodeName, config.getMasterUrl());
    }

    private static boolean reachable(KubernetesClient client, String nodeName) {
        try {
            client.resources(ModelNode.class).withName(nodeName).get();
            return true;
        } catch (KubernetesClientException e) {
            // An answer, even a refusal, means that the operator can see us too. No answer has code -1 here.
            return e.getCode() > 0 && e.getCode() < 500;
        }
    }

    /**
     * Serves these models without Kubernetes, each tried in a child process first.
     *
     * @throws IllegalStateException when nothing of one of them can be served, with the reason
     */
    void serve(List<LocalModel> models, Verification verify) throws InterruptedException {
        List<ModelInstruction> wishes =
                models.stream().map(model -> wish(model, verify)).toList();
        node.apply(wishes);
        for (ModelInstruction wish : wishes) {
            await(wish);
        }
        serving.becomeReady();
        LOG.info("ready: serving {}", serving.table().names());
    }

    /** Serves what a workstation's file asks for, now and as its tags move. */
    void attend(WorkstationConfig config, WishResolver resolver) throws InterruptedException {
        Workstation workstation = new Workstation(config, resolver, node, journal, board, () -> {
            serving.becomeReady();
            LOG.info("ready: serving {}", served());
        });
        opened.push(workstation);
        instructing = Optional.of(workstation);
        workstation.start();
    }

    private List<String> served() {
        return board.states().stream()
                .filter(model -> model.activeDigest() != null)
                .map(ModelState::name)
                .toList();
    }

    private ModelInstruction wish(LocalModel model, Verification verify) {
        Optional<JournalEntry> known = journal.find(model.name());
        // What failed here before is not a new attempt either, or a restart policy would crash the node in a loop.
        boolean same = known.flatMap(JournalEntry::current)
                        .filter(version -> version.digest().equals(model.digest()))
                        .isPresent()
                || known.flatMap(entry -> entry.refusal(model.digest())).isPresent();
        long epoch = known.map(JournalEntry::epoch).orElse(0L);
        return new ModelInstruction(
                model.name(),
                null,
                same ? epoch : epoch + 1,
                ModelInstruction.Step.Confirm,
                new ModelInstruction.ArtifactRef(
                        model.repository(), model.digest().toString(), null, null, null, null),
                null,
                List.of(),
                verify,
                null,
                true,
                null,
                null);
    }

    private void await(ModelInstruction wish) throws InterruptedException {
        while (true) {
            Optional<ModelState> state = board.states().stream()
                    .filter(model -> model.name().equals(wish.name()))
                    .findFirst();
            if (state.filter(
                            one -> one.state() == State.Confirmed && one.epoch().equals(wish.epoch()))
                    .isPresent()) {
                return;
            }
            if (state.filter(one -> FAILED.contains(one.state())).isPresent()) {
                if (state.get().activeDigest() != null) {
                    LOG.error(
                            "model {}: {} serves, because {}",
                            wish.name(),
                            state.get().activeVersion(),
                            state.get().message());
                    return;
                }
                throw new IllegalStateException("model " + wish.name() + " cannot be served: "
                        + state.get().reason() + ": " + state.get().message());
            }
            board.await(Duration.ofMillis(200));
        }
    }

    private static void close(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.warn("while stopping: {}", e.toString());
        }
    }

    /** Takes no more, lets requests end, frees the models. The journal stays: the next process serves the same. */
    public void stop() throws InterruptedException {
        LOG.info("stopping: at most {} s for requests to end", options.drain().toSeconds());
        reporter.ifPresent(teller -> teller.farewell(Instant.now()));
        if (instructing.isPresent()) {
            // No instruction may begin something now.
            close(opened.pop());
        }
        node.stop();
        serving.stop(options.drain());
        if (reporter.isPresent() && !reporter.get().awaitFarewell(FAREWELL)) {
            LOG.warn("the API server was not told that this runner drains: it did not answer in time");
        }
        while (!opened.isEmpty()) {
            close(opened.pop());
        }
        mark.clear();
        LOG.info("stopped");
    }
}
