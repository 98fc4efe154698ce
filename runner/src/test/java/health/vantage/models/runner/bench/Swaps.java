package health.vantage.models.runner.bench;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/** New versions loaded and swapped in while callers ask without a pause; every request must be answered. */
record Swaps(ServerProcess server, List<GrpcWay> ways) {
    private static final String MODEL = "swap";

    void run(int times, Map<String, Double> figures) throws IOException, InterruptedException {
        server.swap(MODEL, 1);
        InferRequest request = RunnerUnderTest.request(MODEL, Floats.filled(16, 1), Map.of());
        AtomicBoolean over = new AtomicBoolean();
        LongAdder answered = new LongAdder();
        LongAdder failed = new LongAdder();
        AtomicReference<Throwable> first = new AtomicReference<>();
        List<Thread> callers = ways.stream()
                .map(way -> InferenceGrpc.newBlockingStub(way.channel()))
                .map(stub -> Thread.ofPlatform().start(() -> {
                    while (!over.get()) {
                        try {
                            stub.infer(request);
                            answered.increment();
                        } catch (RuntimeException e) {
                            failed.increment();
                            first.compareAndSet(null, e);
                        }
                    }
                }))
                .toList();
        server.swap(MODEL, times);
        over.set(true);
        for (Thread caller : callers) {
            caller.join();
        }
        figures.put("swap_count", (double) times);
        figures.put("swap_requests", answered.doubleValue());
        figures.put("swap_failed_requests", failed.doubleValue());
        if (first.get() != null) {
            System.err.println("a request failed during swaps: " + first.get());
        }
        System.err.println("swaps are measured");
    }
}
