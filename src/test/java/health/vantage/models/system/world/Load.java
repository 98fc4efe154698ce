package health.vantage.models.system.world;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Asks runners again and again, one caller each, and counts what comes back. */
public final class Load implements AutoCloseable {
    /** Enough to meet every step of a swap; as fast as they can, callers would take both cores from what they watch. */
    private static final Duration PAUSE = Duration.ofMillis(5);

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
            LockSupport.parkNanos(PAUSE.toNanos());
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
