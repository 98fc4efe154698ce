package health.vantage.models.runner.tensor;

import health.vantage.models.runner.tensor.TensorBuffer.Block;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lends off-heap buffers and keeps the returned ones for the next request of the same size: requests of one model have few sizes,
 * and fresh pages cost more than the copy into them.
 */
public final class TensorPool implements OutputMemory, AutoCloseable {
    private static final long PAGE = 4096;

    private final long maxIdleBytes;
    private final AtomicLong idleBytes = new AtomicLong();
    private final AtomicLong lentBytes = new AtomicLong();
    private final Map<Long, ConcurrentLinkedDeque<Block>> idle = new ConcurrentHashMap<>();

    /** @param maxIdleBytes returned buffers beyond this are freed at once */
    public TensorPool(long maxIdleBytes) {
        this.maxIdleBytes = maxIdleBytes;
    }

    /**
     * A buffer of {@code size} bytes with undefined contents.
     *
     * @throws IllegalArgumentException when the size is negative or beyond 2 GiB
     */
    public TensorBuffer lend(long size) {
        if (size < 0 || size > Integer.MAX_VALUE - PAGE) {
            throw new IllegalArgumentException("a tensor of " + size + " bytes; a buffer holds 0 to 2 GiB");
        }
        long capacity = Math.max(PAGE, (size + PAGE - 1) / PAGE * PAGE);
        ConcurrentLinkedDeque<Block> sameSize = idle.get(capacity);
        // Last in, first out: the block that left a core's cache least long ago.
        Block block = sameSize == null ? null : sameSize.pollFirst();
        if (block == null) {
            block = Block.allocate(capacity);
        } else {
            idleBytes.addAndGet(-capacity);
        }
        lentBytes.addAndGet(capacity);
        return new TensorBuffer(block, (int) size, this);
    }

    @Override
    public TensorBuffer lend(String output, long size) {
        return lend(size);
    }

    /** Bytes lent and not returned yet. */
    public long lentBytes() {
        return lentBytes.get();
    }

    /** Bytes lent, and kept for later. */
    public long heldBytes() {
        return lentBytes.get() + idleBytes.get();
    }

    void takeBack(Block block) {
        long capacity = block.memory().byteSize();
        lentBytes.addAndGet(-capacity);
        if (idleBytes.addAndGet(capacity) > maxIdleBytes) {
            idleBytes.addAndGet(-capacity);
            block.arena().close();
            return;
        }
        idle.computeIfAbsent(capacity, any -> new ConcurrentLinkedDeque<>()).addFirst(block);
    }

    /** Frees what is idle; what is lent is freed by nobody, so close last. */
    @Override
    public void close() {
        idle.values().forEach(blocks -> {
            for (Block block = blocks.pollFirst(); block != null; block = blocks.pollFirst()) {
                idleBytes.addAndGet(-block.memory().byteSize());
                block.arena().close();
            }
        });
    }
}
