package health.vantage.models.runner.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Off-heap memory with somebody to give it back to: lent by a {@link TensorPool} and then 64-byte aligned (a cache line; what vector
 * loads of the runtimes like), or a caller's own.
 */
public final class TensorBuffer implements AutoCloseable {
    private final ByteBuffer bytes;
    private final Runnable giveBack;
    private final AtomicBoolean lent = new AtomicBoolean(true);

    private TensorBuffer(MemorySegment memory, Runnable giveBack) {
        this.bytes = memory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        this.giveBack = giveBack;
    }

    TensorBuffer(Block block, int size, TensorPool home) {
        this(block.memory.asSlice(0, size), () -> home.takeBack(block));
    }

    /**
     * Memory that is not a pool's.
     *
     * @param memory native, at most 2 GiB, there until {@code giveBack} has run
     * @param giveBack run once, when the holder closes
     */
    public static TensorBuffer over(MemorySegment memory, Runnable giveBack) {
        return new TensorBuffer(memory, giveBack);
    }

    /** A direct buffer of exactly the size asked for; position and limit belong to whoever holds this. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Gives the memory back; nobody may touch {@link #bytes()} afterwards. Closing twice changes nothing. */
    @Override
    public void close() {
        if (lent.compareAndSet(true, false)) {
            giveBack.run();
        }
    }

    /** Memory with an owner: an arena of its own, so that it can be freed at once instead of by a garbage collection. */
    record Block(Arena arena, MemorySegment memory) {
        static final int ALIGNMENT = 64;

        static Block allocate(long capacity) {
            Arena arena = Arena.ofShared();
            return new Block(arena, arena.allocate(capacity, ALIGNMENT));
        }
    }
}
