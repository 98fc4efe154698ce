package health.vantage.models.runner.grpc;

import health.vantage.models.runner.access.Access;
import health.vantage.models.runner.openinference.ModelDirectory;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.RecvByteBufAllocator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** The gRPC port: the seed API, the Open Inference Protocol, health and reflection. */
public final class GrpcFace {
    private static final int HANDLER_THREADS = Math.max(4, Runtime.getRuntime().availableProcessors());

    private static final Set<String> PROMPT = Set.of(
            InferenceGrpc.getInferMethod().getFullMethodName(),
            GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName());

    /** What one read from a connection takes, where that much comes. Netty's own bound of 64 KiB makes 48 reads of an image. */
    private static final RecvByteBufAllocator READ_AT_ONCE = new AdaptiveRecvByteBufAllocator(64, 2048, 256 * 1024);

    private final List<Server> servers;
    private final Optional<UnixListener> unix;
    private final HealthStatusManager health;
    private final ExecutorService handlers;

    private GrpcFace(
            List<Server> servers, Optional<UnixListener> unix, HealthStatusManager health, ExecutorService handlers) {
        this.servers = servers;
        this.unix = unix;
        this.health = health;
        this.handlers = handlers;
    }

    /**
     * @param address where to listen; port 0 for any
     * @param unixSocket a path to listen on as well, for callers on the same node
     * @param maxMessageBytes the largest request taken
     */
    public record Options(InetSocketAddress address, Optional<Path> unixSocket, int maxMessageBytes, String version) {}

    /**
     * Listens. Health is NOT_SERVING until {@link #ready}.
     *
     * @param access asked about every call; its certificate is that of the TCP port
     * @param pool where requests' tensors are read into
     */
    public static GrpcFace start(
            Options options,
            Access access,
            ModelTable table,
            Inferences inferences,
            TensorPool pool,
            SharedRegions regions,
            BooleanSupplier ready)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        ExecutorService handlers = Executors.newFixedThreadPool(
                HANDLER_THREADS, Thread.ofPlatform().name("grpc-", 0).daemon().factory());
        int max = options.maxMessageBytes();
        UnaryOperator<NettyServerBuilder> serve = builder -> builder.directExecutor()
                .callExecutor(new CallThreads(PROMPT, handlers))
                .maxInboundMessageSize(max)
                .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, READ_AT_ONCE)
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .intercept(new AccessInterceptor(access))
                .addService(new SeedService(table, inferences, ready).define(pool, max, handlers))
                .addService(new OpenInferenceService(
                                new ModelDirectory(table), inferences, regions, ready, options.version())
                        .define(pool, max, handlers))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance());
        List<Server> servers = new ArrayList<>();
        Optional<UnixListener> unix = Optional.empty();
        try {
            // Over epoll where it is there: gRPC looks for it on the class path by itself.
            NettyServerBuilder tcp = NettyServerBuilder.forAddress(options.address());
            access.tls().ifPresent(tls -> tcp.sslContext(tls.forGrpc()));
            servers.add(start(tcp, serve, options.address()));
            if (options.unixSocket().isPresent()) {
                Path path = options.unixSocket().get();
                unix = Optional.of(UnixListener.at(path));
                servers.add(start(unix.get().builder(), serve, "unix:" + path));
            }
            return new GrpcFace(List.copyOf(servers), unix, health, handlers);
        } catch (IOException e) {
            servers.forEach(Server::shutdownNow);
            unix.ifPresent(UnixListener::close);
            handlers.shutdown();
            throw e;
        }
    }

    private static Server start(NettyServerBuilder builder, UnaryOperator<NettyServerBuilder> serve, Object where)
            throws IOException {
        try {
            return serve.apply(builder).build().start();
        } catch (IOException e) {
            throw new IOException("cannot listen on " + where + ": " + e.getMessage(), e);
        }
    }

    /** The TCP port. */
    public int port() {
        return servers.getFirst().getPort();
    }

    /** Tells those who watch the runner as a whole. */
    public void ready(boolean ready) {
        health.setStatus(
                HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
                ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** Tells those who watch one model. */
    public void model(String name, boolean serving) {
        health.setStatus(name, serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    }

    /** Those who watch a removed model hear SERVICE_UNKNOWN. */
    public void forget(String name) {
        health.clearStatus(name);
    }

    /** Stops accepting, lets calls end, and cuts those that do not within {@code atMost}. */
    public void stop(Duration atMost) throws InterruptedException {
        health.enterTerminalState();
        servers.forEach(Server::shutdown);
        long end = System.nanoTime() + atMost.toNanos();
        for (Server server : servers) {
            if (!server.awaitTermination(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                server.shutdownNow();
                server.awaitTermination(1, TimeUnit.SECONDS);
            }
        }
        unix.ifPresent(UnixListener::close);
        handlers.shutdown();
    }
}
