package health.vantage.models.system.world;

import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Asks runners without a pause, one caller each, and counts what comes back. */
public final class Load implements AutoCloseable {
    private final List<Thread> callers = new ArrayList<>();
    private final AtomicLong answered = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> versions = new ConcurrentSkipListMap<>();
    private volatile boolean running = true;

    public static Load on(List<MaskClient> clients, TextPicture picture) {
        return of(clients.stream()
                .<Supplier<String>>map(client -> () -> client.ask(picture).version())
                .toList());
    }

    /** @param questions each asks once and hands out the version that answered */
    public static Load of(List<Supplier<String>> questions) {
        var load = new Load();
        for (Supplier<String> question : questions) {
            load.callers.add(Thread.ofPlatform().name("load").start(() -> load.ask(question)));
        }
        return load;
    }

    private void ask(Supplier<String> question) {
        while (running) {
            try {
                versions.merge(question.get(), 1L, Long::sum);
                answered.incrementAndGet();
            } catch (StatusRuntimeException e) {
                failures.add(e.getStatus().toString());
            }
        }
    }

    public long answered() {
        return answered.get();
    }

    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Answers by version. */
    public Map<String, Long> versions() {
        return Map.copyOf(versions);
    }

    @Override
    public void close() {
        stop();
    }

    /** Asks no more and waits for requests in flight. */
    public void stop() {
        running = false;
        for (Thread caller : callers) {
            try {
                caller.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
