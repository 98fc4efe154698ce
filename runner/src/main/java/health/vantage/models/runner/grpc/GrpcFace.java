package health.vantage.models.runner.grpc;

import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelTable;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The gRPC port: the seed API, the Open Inference Protocol, health and reflection. */
public final class GrpcFace {
    private static final int HANDLER_THREADS = Math.max(4, Runtime.getRuntime().availableProcessors());

    private final Server server;
    private final HealthStatusManager health;
    private final ExecutorService handlers;

    private GrpcFace(Server server, HealthStatusManager health, ExecutorService handlers) {
        this.server = server;
        this.health = health;
        this.handlers = handlers;
    }

    /**
     * @param address where to listen; port 0 for any
     * @param maxMessageBytes the largest request taken
     */
    public record Options(InetSocketAddress address, int maxMessageBytes, String version) {}

    /** Listens. Health is NOT_SERVING until {@link #ready}. */
    public static GrpcFace start(Options options, ModelTable table, Inferences inferences, BooleanSupplier ready)
            throws IOException {
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.NOT_SERVING);
        ExecutorService handlers = Executors.newFixedThreadPool(
                HANDLER_THREADS, Thread.ofPlatform().name("grpc-", 0).daemon().factory());
        try {
            Server server = NettyServerBuilder.forAddress(options.address())
                    .executor(handlers)
                    .maxInboundMessageSize(options.maxMessageBytes())
                    .permitKeepAliveTime(10, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .addService(new SeedService(table, inferences, ready))
                    .addService(new OpenInferenceService(table, inferences, ready, options.version()))
                    .addService(health.getHealthService())
                    .addService(ProtoReflectionServiceV1.newInstance())
                    .build()
                    .start();
            return new GrpcFace(server, health, handlers);
        } catch (IOException e) {
            handlers.shutdown();
            throw new IOException("cannot listen on " + options.address() + ": " + e.getMessage(), e);
        }
    }

    public int port() {
        return server.getPort();
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
        server.shutdown();
        if (!server.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            server.shutdownNow();
            server.awaitTermination(1, TimeUnit.SECONDS);
        }
        handlers.shutdown();
    }
}
