package health.vantage.models.client;

import com.google.common.util.concurrent.ListenableFuture;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import health.vantage.models.runner.proto.v2.ServerLiveRequest;
import health.vantage.models.runner.proto.v2.ServerMetadataRequest;
import health.vantage.models.runner.proto.v2.ServerMetadataResponse;
import health.vantage.models.runner.proto.v2.ServerReadyRequest;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/** A connection to one runner, for many models and many threads; make one and keep it. */
public final class RunnerClient implements AutoCloseable {
    private final ManagedChannel channel;
    private final GRPCInferenceServiceFutureStub stub;
    private final GRPCInferenceServiceStub streams;
    private final ScheduledExecutorService timer;
    private final RetryPolicy retries;
    private final Duration deadline;
    private final Optional<SharedCalls> shared;

    RunnerClient(
            ManagedChannel channel,
            GRPCInferenceServiceStub stub,
            ScheduledExecutorService timer,
            RetryPolicy retries,
            Duration deadline,
            Optional<SharedMemory> sharedMemory) {
        this.channel = channel;
        this.stub = GRPCInferenceServiceGrpc.newFutureStub(channel)
                .withCallCredentials(stub.getCallOptions().getCredentials());
        this.streams = stub;
        this.timer = timer;
        this.retries = retries;
        this.deadline = deadline;
        this.shared = sharedMemory.map(options -> new SharedCalls(this, options));
    }

    /** @param name the server's own, {@code vantage-runner}; @param extensions of the protocol, Triton's names */
    public record Server(String name, String version, List<String> extensions) {}

    /** Without TLS and token, with {@link RetryPolicy#standard} and 30 s for a request. */
    public static RunnerClient connect(String target) {
        return to(target).connect();
    }

    /**
     * @param target {@code host:port}, {@code unix:/absolute/path}, or any target that gRPC knows, such as {@code dns:///host:port}
     */
    public static RunnerClientBuilder to(String target) {
        return new RunnerClientBuilder(target);
    }

    /** Asks for nothing yet: a name that is not served is told by the first request. */
    public ModelClient model(String name) {
        return new ModelClient(this, name);
    }

    /** Whether the process answers at all. @throws RunnerException when it does not, as every call here does */
    public boolean live() {
        return now(call("live", asked -> asked.serverLive(ServerLiveRequest.getDefaultInstance())))
                .getLive();
    }

    /** Whether it takes requests; single models may be loading still. */
    public boolean ready() {
        return now(call("ready", asked -> asked.serverReady(ServerReadyRequest.getDefaultInstance())))
                .getReady();
    }

    public Server server() {
        ServerMetadataResponse said =
                now(call("server metadata", asked -> asked.serverMetadata(ServerMetadataRequest.getDefaultInstance())));
        return new Server(said.getName(), said.getVersion(), List.copyOf(said.getExtensionsList()));
    }

    /** {@code grpc.health.v1} of the runner or one model. */
    public Health health() {
        return new Health(channel, deadline);
    }

    <T> CompletableFuture<T> call(String what, Function<GRPCInferenceServiceFutureStub, ListenableFuture<T>> call) {
        return call(what, deadline, call);
    }

    <T> CompletableFuture<T> call(
            String what, Duration atMost, Function<GRPCInferenceServiceFutureStub, ListenableFuture<T>> call) {
        return Attempts.of(what, retries, atMost, timer, end -> call.apply(stub.withDeadline(end)));
    }

    /** One attempt. */
    <T> CompletableFuture<T> once(
            String what, Duration atMost, Function<GRPCInferenceServiceFutureStub, ListenableFuture<T>> call) {
        return Attempts.of(what, RetryPolicy.none(), atMost, timer, end -> call.apply(stub.withDeadline(end)));
    }

    InferenceStream stream(String model) {
        return InferenceStream.open(model, streams, deadline);
    }

    Optional<SharedCalls> shared() {
        return shared;
    }

    /** What became of requests that could go through shared memory; all zero where the builder was given none. */
    public SharedMemory.Use sharedMemoryUse() {
        return shared.map(SharedCalls::use).orElse(new SharedMemory.Use(0, 0, ""));
    }

    Duration deadline() {
        return deadline;
    }

    /** Waits for the outcome; when this thread is interrupted the call is cancelled, and the thread stays marked. */
    static <T> T now(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new RunnerException(RunnerException.Kind.CANCELLED, "interrupted while waiting for the runner", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RunnerException told) {
                // Made on another thread: this one's way here is what its reader looks for.
                throw new RunnerException(told.kind(), told.getMessage(), told);
            }
            throw new IllegalStateException("a call failed in this client: " + e.getCause(), e.getCause());
        }
    }

    /** Ends calls that are under way; those that pause between two attempts end with their pause. */
    @Override
    public void close() {
        shared.ifPresent(SharedCalls::close);
        channel.shutdownNow();
        timer.shutdown();
    }
}
