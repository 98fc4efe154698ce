package health.vantage.models.runner;

import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.trace.RequestSpans;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How one runner serves.
 *
 * @param grpc where callers connect; port 0 for any
 * @param unixSocket a path for callers on the same node, beside the port
 * @param http health and metrics; port 0 for any
 * @param threads cores that one run may use
 * @param builtEngines where backends keep what they built from models; empty where nothing is kept
 * @param queue how requests of each model wait and run
 * @param maxMessageBytes the largest request, and the bound on what one caller can make us hold before we look at it
 * @param maxBytesInFlight tensor bytes over all models, in and out
 * @param sharedMemory where clients on this node may keep tensors; empty to take none
 * @param access who may call, and how much
 * @param traces where spans of requests are sent; empty to make none
 */
public record ServingOptions(
        InetSocketAddress grpc,
        Optional<Path> unixSocket,
        InetSocketAddress http,
        int threads,
        Optional<Path> builtEngines,
        LaneLimits queue,
        int maxMessageBytes,
        long maxBytesInFlight,
        Optional<SharedMemory> sharedMemory,
        AccessOptions access,
        Optional<RequestSpans.Options> traces) {
    private static final int MIB = 1024 * 1024;

    /**
     * @param folder such as {@code /dev/shm}
     * @param copy tensors instead of computing in the clients' memory
     */
    public record SharedMemory(Path folder, boolean copy) {}

    public static ServingOptions defaults(InetSocketAddress grpc, InetSocketAddress http) {
        return new ServingOptions(
                grpc,
                Optional.empty(),
                http,
                Runtime.getRuntime().availableProcessors(),
                Optional.empty(),
                LaneLimits.all(new QueueLimits(64, 1)),
                256 * MIB,
                1024L * MIB,
                Optional.empty(),
                AccessOptions.OPEN,
                Optional.empty());
    }
}
