package health.vantage.models.runner;

import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.load.LoadFailure;
import health.vantage.models.runner.model.ModelContract;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.ModelFolder;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.trace.RequestSpans;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A serving runner on free loopback ports, with a client. */
public final class RunnerUnderTest implements AutoCloseable {
    /** A socket's path must be short. */
    private static final Path SOCKETS = Path.of(System.getProperty("java.io.tmpdir"));

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Serving serving;
    private final ManagedChannel channel;
    private final Path folder;
    private final Path socket;

    public RunnerUnderTest(Path folder) throws IOException {
        this(folder, new QueueLimits(1000, 1), 512L << 20);
    }

    public RunnerUnderTest(Path folder, QueueLimits queue, long maxBytesInFlight) throws IOException {
        this(folder, queue, maxBytesInFlight, 1);
    }

    public RunnerUnderTest(Path folder, QueueLimits queue, long maxBytesInFlight, int threads) throws IOException {
        this(folder, LaneLimits.all(queue), maxBytesInFlight, threads);
    }

    public RunnerUnderTest(Path folder, LaneLimits queue, long maxBytesInFlight, int threads) throws IOException {
        this(folder, queue, maxBytesInFlight, threads, Optional.empty());
    }

    public RunnerUnderTest(
            Path folder,
            LaneLimits queue,
            long maxBytesInFlight,
            int threads,
            Optional<ServingOptions.SharedMemory> sharedMemory)
            throws IOException {
        this(
                folder,
                queue,
                maxBytesInFlight,
                threads,
                sharedMemory,
                AccessOptions.OPEN,
                Optional.empty(),
                Backends.discover());
    }

    /** Guarded: {@link #channel()} gets in only where neither a certificate nor a token is asked for. */
    public RunnerUnderTest(Path folder, AccessOptions access) throws IOException {
        this(folder, access, Backends.discover());
    }

    /** With these backends alone. */
    public RunnerUnderTest(Path folder, Backends backends) throws IOException {
        this(folder, AccessOptions.OPEN, backends);
    }

    public RunnerUnderTest(Path folder, AccessOptions access, Backends backends) throws IOException {
        this(
                folder,
                LaneLimits.all(new QueueLimits(1000, 1)),
                512L << 20,
                1,
                Optional.empty(),
                access,
                Optional.empty(),
                backends);
    }

    /** With spans of its requests. */
    public RunnerUnderTest(Path folder, RequestSpans.Options traces) throws IOException {
        this(
                folder,
                LaneLimits.all(new QueueLimits(1000, 1)),
                512L << 20,
                1,
                Optional.empty(),
                AccessOptions.OPEN,
                Optional.of(traces),
                Backends.discover());
    }

    private RunnerUnderTest(
            Path folder,
            LaneLimits queue,
            long maxBytesInFlight,
            int threads,
            Optional<ServingOptions.SharedMemory> sharedMemory,
            AccessOptions access,
            Optional<RequestSpans.Options> traces,
            Backends backends)
            throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        this.folder = folder;
        this.socket =
                SOCKETS.resolve("vantage-" + ProcessHandle.current().pid() + "-" + NUMBER.incrementAndGet() + ".sock");
        this.serving = Serving.start(
                new ServingOptions(
                        any,
                        Optional.of(socket),
                        any,
                        threads,
                        Optional.empty(),
                        queue,
                        256 << 20,
                        maxBytesInFlight,
                        sharedMemory,
                        access,
                        traces),
                backends);
        this.channel = Grpc.newChannelBuilder("localhost:" + serving.grpcPort(), InsecureChannelCredentials.create())
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        serving.becomeReady();
    }

    public Serving serving() {
        return serving;
    }

    /** The Unix socket it listens on as well. */
    public Path socket() {
        return socket;
    }

    public ManagedChannel channel() {
        return channel;
    }

    /** A version with a made-up digest, loaded and ready to activate. */
    public ServedVersion load(String version, byte[] onnx, Shape in, Shape out) throws LoadFailure {
        Digest digest = Digest.of(onnx);
        Path root = ModelFolder.write(folder.resolve(digest.hex()), onnx).root();
        return serving.loader()
                .load(digest, new ModelContract("test-model", version, "onnx", "fp32", in, out, 64), root);
    }

    /** Loads and activates. */
    public ModelSlot serve(String name, String version, byte[] onnx, Shape in, Shape out) throws LoadFailure {
        ModelSlot slot = serving.table().slot(name);
        slot.activate(load(version, onnx, in, out));
        serving.announce(slot);
        return slot;
    }

    /** The model {@code slow} in version 1.0.0, see {@link OnnxModels#slow}: FP32 {@code [size,size]} to the same. */
    public void serveSlow(int size, Duration time) throws LoadFailure {
        Shape square = Shape.of(size, size);
        serve("slow", "1.0.0", OnnxModels.slow(size, time), square, square);
    }

    public InferResponse infer(String model, ByteBuffer input) {
        return infer(model, input, Map.of());
    }

    public InferResponse infer(String model, ByteBuffer input, Map<String, String> metadata) {
        return InferenceGrpc.newBlockingStub(channel).infer(request(model, input, metadata));
    }

    public static InferRequest request(String model, ByteBuffer input, Map<String, String> metadata) {
        return InferRequest.newBuilder()
                .setModelName(model)
                .setInputTensor(com.google.protobuf.ByteString.copyFrom(input.duplicate()))
                .putAllMetadata(metadata)
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        serving.close();
    }
}
