package health.vantage.models.runner.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicBoolean;

/** Off-heap memory lent by a {@link TensorPool}, 64-byte aligned (a cache line; what vector loads of the runtimes like). */
public final class TensorBuffer implements AutoCloseable {
    private final Block block;
    private final ByteBuffer bytes;
    private final TensorPool home;
    private final AtomicBoolean lent = new AtomicBoolean(true);

    TensorBuffer(Block block, int size, TensorPool home) {
        this.block = block;
        this.home = home;
        this.bytes = block.memory.asSlice(0, size).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A direct buffer of exactly the size asked for; position and limit belong to whoever holds this. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /** Back to the pool; nobody may touch {@link #bytes()} afterwards. Closing twice changes nothing. */
    @Override
    public void close() {
        if (lent.compareAndSet(true, false)) {
            home.takeBack(block);
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
