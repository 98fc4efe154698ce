package health.vantage.models.runner.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.bench.Load.Result;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.RealModels;
import health.vantage.models.runner.samples.TextPicture;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * The runner over gRPC against ONNX Runtime in the same process, in turns, so that a machine that drifts slows both. Callers use the
 * generated Java stubs and share the cores with the server. Writes {@code name: number} to the file given.
 */
public final class RunnerBench {
    private static final int ROUNDS = 2;
    private static final int THREADS = Runtime.getRuntime().availableProcessors();
    private static final int SWAPS = 1000;

    private final Map<String, Double> figures = new TreeMap<>();
    private final RunnerUnderTest runner;
    private final ManagedChannel tcp;
    private final ManagedChannel unix;

    private RunnerBench(RunnerUnderTest runner, EventLoopGroup loops) {
        this.runner = runner;
        this.tcp = NettyChannelBuilder.forAddress(
                        new InetSocketAddress("localhost", runner.serving().grpcPort()))
                .eventLoopGroup(loops)
                .channelType(EpollSocketChannel.class)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
        this.unix = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(runner.socket().toFile()))
                .eventLoopGroup(loops)
                .channelType(EpollDomainSocketChannel.class)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("runner-bench");
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                2, new DefaultThreadFactory("caller", true), EpollIoHandler.newFactory());
        try (RunnerUnderTest runner = new RunnerUnderTest(work, new QueueLimits(64, 1), 2L << 30, THREADS)) {
            RunnerBench bench = new RunnerBench(runner, loops);
            bench.all();
            bench.tcp.shutdownNow();
            bench.unix.shutdownNow();
            bench.write(Path.of(arguments[0]));
        }
        loops.shutdownGracefully();
    }

    private void all() throws Exception {
        byte[] det = Files.readAllBytes(RealModels.folder().resolve(RealModels.DET));
        byte[] cls = Files.readAllBytes(RealModels.folder().resolve(RealModels.CLS));
        compare(
                "det",
                det,
                TextPicture.of("RETINA 42", 512, 512),
                Shape.of(1, 3, 512, 512),
                Shape.of(1, 1, 512, 512),
                4,
                List.of(1, 2, 8));
        compare(
                "cls",
                cls,
                TextPicture.of("text", 48, 192),
                Shape.of(1, 3, 48, 192),
                Shape.of(1, 2),
                2,
                List.of(1, 2, 8));
        compare(
                "out128",
                OnnxModels.conv128(512, 512),
                Floats.filled(3 * 512 * 512, 0.5f),
                Shape.of(1, 3, 512, 512),
                Shape.of(1, 128, 512, 512),
                3,
                List.of(1, 2));
        compare(
                "small",
                OnnxModels.identity(16),
                Floats.filled(16, 1),
                Shape.of(16),
                Shape.of(16),
                2,
                List.of(1, 2, 8));
        figures.put("det_grpc_vs_inprocess", figures.get("det_tcp_c2_vs_inprocess"));
        figures.put("cls_grpc_vs_inprocess", figures.get("cls_tcp_c2_vs_inprocess"));
        figures.put("out128_grpc_vs_inprocess", figures.get("out128_tcp_c2_vs_inprocess"));
        figures.put("small_uds_p50_ms", figures.get("small_uds_c1_p50_ms"));
        swaps();
    }

    private void compare(
            String name, byte[] onnx, ByteBuffer input, Shape in, Shape out, int seconds, List<Integer> callers)
            throws Exception {
        runner.serve(name, "1.0.0", onnx, in, out);
        InferRequest request = InferRequest.newBuilder()
                .setModelName(name)
                .setInputTensor(ByteString.copyFrom(input.duplicate()))
                .build();
        Map<String, ManagedChannel> ways = Map.of("tcp", tcp, "uds", unix);
        Map<String, Result> results = new TreeMap<>();
        Duration time = Duration.ofSeconds(seconds);
        try (Baseline baseline = new Baseline(onnx, THREADS, input, in, out)) {
            Load.run(1, Duration.ofSeconds(1), baseline::run, new Result());
            for (ManagedChannel channel : ways.values()) {
                Load.run(2, Duration.ofSeconds(2), infer(channel, request), new Result());
            }
            for (int round = 0; round < ROUNDS; round++) {
                Load.run(1, time, baseline::run, results.computeIfAbsent("inprocess", _ -> new Result()));
                for (String way : List.of("tcp", "uds")) {
                    for (int count : callers) {
                        Result result = results.computeIfAbsent(way + "_c" + count, _ -> new Result());
                        long before = ServerHeap.allocated();
                        long already = result.micros.getTotalCount();
                        Load.run(count, time, infer(ways.get(way), request), result);
                        if (way.equals("tcp") && count == 1) {
                            figures.put(
                                    name + "_heap_bytes_per_request",
                                    (double) (ServerHeap.allocated() - before)
                                            / (result.micros.getTotalCount() - already));
                        }
                    }
                }
            }
        }
        double inProcess = results.get("inprocess").perSecond();
        results.forEach((way, result) -> {
            figures.put(name + "_" + way + "_per_s", result.perSecond());
            figures.put(name + "_" + way + "_p50_ms", result.percentileMs(50));
            figures.put(name + "_" + way + "_p99_ms", result.percentileMs(99));
            if (!way.equals("inprocess")) {
                figures.put(name + "_" + way + "_vs_inprocess", result.perSecond() / inProcess);
            }
        });
        System.err.println(name + " measured");
        runner.serving().remove(name, "measured");
    }

    private static Load.Request infer(ManagedChannel channel, InferRequest request) {
        InferenceGrpc.InferenceBlockingStub stub = InferenceGrpc.newBlockingStub(channel);
        return () -> stub.infer(request);
    }

    /** New versions loaded and swapped in while two callers ask without a pause. */
    private void swaps() throws Exception {
        Shape shape = Shape.of(16);
        byte[][] versions = {OnnxModels.scale(1, 16), OnnxModels.scale(2, 16)};
        ModelSlot slot = runner.serve("swap", "0", versions[0], shape, shape);
        InferRequest request = RunnerUnderTest.request("swap", Floats.filled(16, 1), Map.of());
        AtomicBoolean over = new AtomicBoolean();
        LongAdder answered = new LongAdder();
        LongAdder failed = new LongAdder();
        Thread[] callers = new Thread[2];
        for (int i = 0; i < callers.length; i++) {
            InferenceGrpc.InferenceBlockingStub stub = InferenceGrpc.newBlockingStub(i == 0 ? tcp : unix);
            callers[i] = Thread.ofPlatform().start(() -> {
                while (!over.get()) {
                    try {
                        stub.infer(request);
                        answered.increment();
                    } catch (RuntimeException e) {
                        failed.increment();
                    }
                }
            });
        }
        for (int i = 1; i <= SWAPS; i++) {
            slot.activate(runner.load(Integer.toString(i), versions[i % 2], shape, shape));
        }
        over.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        figures.put("swap_count", (double) SWAPS);
        figures.put("swap_requests", answered.doubleValue());
        figures.put("swap_failed_requests", failed.doubleValue());
        System.err.println("swaps measured");
    }

    private void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(figures) + "\n");
    }
}
