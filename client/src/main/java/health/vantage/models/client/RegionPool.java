package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The memory that one client shares with its runner: regions that are registered once and lent to one request after the other. */
final class RegionPool {
    private static final Logger LOG = LoggerFactory.getLogger(RegionPool.class);

    private static final long SMALLEST = 1L << 20;
    /** A region this many times too large is better kept for a larger request. */
    private static final int MOST_WASTE = 4;

    /** A runner that does not share memory, or a folder without room, is not asked again for so long. */
    private static final Duration AGAIN_AFTER = Duration.ofSeconds(60);

    private static final Duration CALL = Duration.ofSeconds(5);
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final RunnerClient runner;
    private final SharedMemory options;

    // Guarded by this.
    private final Deque<Region> free = new ArrayDeque<>();
    private final Set<Region> registered = new HashSet<>();
    private long held;
    private long notBefore = System.nanoTime();
    private String trouble = "";
    private boolean closed;

    RegionPool(RunnerClient runner, SharedMemory options) {
        this.runner = runner;
        this.options = options;
    }

    /** A lease, or the reason why there is none. */
    record Lent(Optional<Lease> lease, String reason) {
        static Lent none(String reason) {
            return new Lent(Optional.empty(), reason);
        }
    }

    /** Never fails; waits only for the runner, when a new region is registered. */
    CompletableFuture<Lent> take(long size) {
        Region made;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.completedFuture(Lent.none("the client was closed"));
            }
            if (!trouble.isEmpty() && System.nanoTime() - notBefore < 0) {
                return CompletableFuture.completedFuture(Lent.none(trouble));
            }
            Optional<Region> fitting = fitting(size);
            if (fitting.isPresent()) {
                return CompletableFuture.completedFuture(lent(fitting.get()));
            }
            long capacity = Math.max(SMALLEST, Long.highestOneBit(size - 1) << 1);
            if (!makeRoom(capacity)) {
                return CompletableFuture.completedFuture(Lent.none("all " + options.mostBytes()
                        + " bytes of shared memory are in use: close answers, or allow more"));
            }
            try {
                made = Region.create(options.folder(), capacity);
            } catch (IOException e) {
                return CompletableFuture.completedFuture(Lent.none(pauseFor("no file can be made: " + e)));
            }
            held += made.size();
        }
        return register(made);
    }

    private Lent lent(Region region) {
        return new Lent(Optional.of(new Lease(region, this)), "");
    }

    private Optional<Region> fitting(long size) {
        for (Iterator<Region> each = free.iterator(); each.hasNext(); ) {
            Region region = each.next();
            if (region.size() >= size && region.size() / MOST_WASTE <= Math.max(size, SMALLEST)) {
                each.remove();
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }

    /** Gives up free regions that did not fit. */
    private boolean makeRoom(long capacity) {
        while (held + capacity > options.mostBytes() && !free.isEmpty()) {
            drop(free.removeFirst());
        }
        return held + capacity <= options.mostBytes();
    }

    private CompletableFuture<Lent> register(Region region) {
        SystemSharedMemoryRegisterRequest request = SystemSharedMemoryRegisterRequest.newBuilder()
                .setName(region.name())
                .setKey("/" + region.name())
                .setByteSize(region.size())
                .build();
        return runner.once("shared memory", CALL, stub -> stub.systemSharedMemoryRegister(request))
                .handle((answer, failure) -> {
                    String unlinked = unlink(region);
                    synchronized (this) {
                        registered.add(region);
                        if (failure == null && unlinked.isEmpty() && !closed) {
                            trouble = "";
                            return lent(region);
                        }
                        drop(region);
                        return Lent.none(pauseFor(failure == null ? unlinked : failure.getMessage()));
                    }
                });
    }

    private static String unlink(Region region) {
        try {
            region.unlink();
            return "";
        } catch (IOException e) {
            return "its file cannot be removed: " + e;
        }
    }

    private synchronized String pauseFor(String reason) {
        trouble = reason;
        notBefore = System.nanoTime() + AGAIN_AFTER.toNanos();
        LOG.info("no memory is shared with the runner for {} s: {}", AGAIN_AFTER.toSeconds(), reason);
        return reason;
    }

    synchronized void giveBack(Region region) {
        if (!closed && registered.contains(region)) {
            // Last in, first out: what a core's cache still knows.
            free.addFirst(region);
        }
    }

    synchronized void retire(Region region) {
        drop(region);
    }

    /** The runner lets go of it when requests that use it have ended. */
    private void drop(Region region) {
        if (registered.remove(region)) {
            held -= region.size();
            unregister(region, CALL);
        }
    }

    private CompletableFuture<?> unregister(Region region, Duration atMost) {
        SystemSharedMemoryUnregisterRequest request = SystemSharedMemoryUnregisterRequest.newBuilder()
                .setName(region.name())
                .build();
        return runner.once("shared memory", atMost, stub -> stub.systemSharedMemoryUnregister(request))
                .handle((answer, failure) -> {
                    if (failure != null) {
                        LOG.debug("{} stays registered: {}", region.name(), failure.getMessage());
                    }
                    return answer;
                });
    }

    /** Takes the runner's mappings away as far as it answers. */
    void close() {
        List<Region> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(registered);
            registered.clear();
            free.clear();
        }
        CompletableFuture.allOf(
                        all.stream().map(region -> unregister(region, FAREWELL)).toArray(CompletableFuture[]::new))
                .join();
    }
}
