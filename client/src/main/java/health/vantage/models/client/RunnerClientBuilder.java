package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** How to reach a runner. */
public final class RunnerClientBuilder {
    private static final String UNIX = "unix:";
    private static final int LARGEST_ANSWER = 256 << 20;

    /** The runner allows one every 10 s. */
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

    private final String target;
    private Optional<Tls> tls = Optional.empty();
    private Optional<String> serverName = Optional.empty();
    private Optional<Supplier<String>> token = Optional.empty();
    private boolean tokenInPlainText;
    private RetryPolicy retries = RetryPolicy.standard();
    private Duration deadline = Duration.ofSeconds(30);
    private int largestAnswer = LARGEST_ANSWER;
    private Optional<SharedMemory> sharedMemory = Optional.empty();

    RunnerClientBuilder(String target) {
        this.target = target;
    }

    public RunnerClientBuilder tls(Tls how) {
        this.tls = Optional.of(how);
        return this;
    }

    /** The name in the runner's certificate, where it is not the target's host. */
    public RunnerClientBuilder serverName(String name) {
        this.serverName = Optional.of(name);
        return this;
    }

    /** @param source of the bearer token, asked at each call and never logged; must answer at once */
    public RunnerClientBuilder token(Supplier<String> source) {
        this.token = Optional.of(source);
        return this;
    }

    /** Shows the token without TLS as well, where something else encrypts the way, such as a service mesh. */
    public RunnerClientBuilder tokenInPlainText() {
        this.tokenInPlainText = true;
        return this;
    }

    public RunnerClientBuilder retries(RetryPolicy policy) {
        this.retries = policy;
        return this;
    }

    /** For one request with all its attempts; the runner stops working on it then. A request can have its own. */
    public RunnerClientBuilder deadline(Duration atMost) {
        if (atMost.isNegative() || atMost.isZero()) {
            throw new IllegalArgumentException("a deadline of " + atMost + " has passed already");
        }
        this.deadline = atMost;
        return this;
    }

    /** In bytes; larger ones end with {@link RunnerException.Kind#TOO_LARGE}. Default: 256 MiB. */
    public RunnerClientBuilder largestAnswer(int bytes) {
        this.largestAnswer = bytes;
        return this;
    }

    /** Large tensors in memory that the runner maps as well, where it can be had; for a runner on this machine. Default: none. */
    public RunnerClientBuilder sharedMemory(SharedMemory how) {
        this.sharedMemory = Optional.of(how);
        return this;
    }

    /**
     * Connects with the first call, and again by itself whenever the connection is lost.
     *
     * @throws IllegalArgumentException for options that contradict each other
     * @throws java.io.UncheckedIOException when a file for TLS cannot be read
     */
    public RunnerClient connect() {
        boolean local = target.startsWith(UNIX);
        if (token.isPresent() && tls.isEmpty() && !local && !tokenInPlainText) {
            throw new IllegalArgumentException("a token over plain text to " + target
                    + " can be read by everybody on the way: use tls, a Unix socket, or say tokenInPlainText");
        }
        if (local && tls.isPresent()) {
            throw new IllegalArgumentException("TLS over the Unix socket " + target
                    + ": the runner has none there; its folder's permissions protect it");
        }
        ChannelCredentials credentials = tls.map(Tls::credentials).orElseGet(InsecureChannelCredentials::create);
        ManagedChannelBuilder<?> builder = Grpc.newChannelBuilder(target, credentials)
                .maxInboundMessageSize(largestAnswer)
                .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
                .disableServiceConfigLookUp();
        serverName.ifPresent(builder::overrideAuthority);
        ManagedChannel channel = builder.build();
        GRPCInferenceServiceStub stub = GRPCInferenceServiceGrpc.newStub(channel);
        return new RunnerClient(
                channel,
                token.map(BearerToken::new).map(stub::withCallCredentials).orElse(stub),
                timer(),
                retries,
                deadline,
                sharedMemory);
    }

    private static ScheduledExecutorService timer() {
        return new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("runner-client-retries").daemon().factory());
    }
}
