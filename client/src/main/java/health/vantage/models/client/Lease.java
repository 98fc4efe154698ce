package health.vantage.models.client;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A region for one request and its answer. It goes back when it is given back, or else when nothing refers to its memory any more: every
 * buffer made of it, and every view of one, does.
 */
final class Lease {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Region region;
    private final RegionPool pool;
    private final MemorySegment memory;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Cleaner.Cleanable cleanable;

    Lease(Region region, RegionPool pool) {
        this.region = region;
        this.pool = pool;
        // Of its own, so that its end can be noticed: the region's outlives it.
        this.memory = region.memory().asSlice(0);
        this.cleanable = CLEANER.register(memory, new Return(region, pool, over));
    }

    /** Knows nothing of the memory whose end it waits for. */
    private record Return(Region region, RegionPool pool, AtomicBoolean over) implements Runnable {
        @Override
        public void run() {
            if (over.compareAndSet(false, true)) {
                pool.giveBack(region);
            }
        }
    }

    String regionName() {
        return region.name();
    }

    void put(int offset, ByteBuffer bytes) {
        MemorySegment.copy(MemorySegment.ofBuffer(bytes), 0, memory, offset, bytes.remaining());
    }

    /** Refers to {@link #memory} as a slice of the segment would not. */
    ByteBuffer view(int offset, int size) {
        return memory.asByteBuffer().slice(offset, size);
    }

    /** For the next request. */
    void giveBack() {
        cleanable.clean();
    }

    /** For nobody: the runner may still write to it, or does not know it. */
    void retire() {
        if (over.compareAndSet(false, true)) {
            pool.retire(region);
        }
    }

    boolean over() {
        return over.get();
    }
}
