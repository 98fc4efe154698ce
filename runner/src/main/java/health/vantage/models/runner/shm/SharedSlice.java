package health.vantage.models.runner.shm;

import health.vantage.models.runner.serve.OutputPlace;
import health.vantage.models.runner.serve.Payload;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** The part of a region where an input comes from or an output goes to. Holds the region until it is closed. */
public final class SharedSlice implements Payload, OutputPlace {
    /** Models read elements; memory that is not aligned for the largest of them is copied. */
    private static final long ALIGNMENT = DataType.FP64.bytes();

    private final SharedRegion region;
    private final MemorySegment memory;
    private final boolean copy;
    private final AtomicBoolean held = new AtomicBoolean(true);

    SharedSlice(SharedRegion region, long offset, long size, boolean copy) {
        this.region = region;
        this.memory = region.memory().asSlice(offset, size);
        this.copy = copy || memory.address() % ALIGNMENT != 0;
    }

    @Override
    public int size() {
        return (int) memory.byteSize();
    }

    @Override
    public boolean takesOurMemory() {
        return copy;
    }

    @Override
    public boolean isDirect() {
        return !copy;
    }

    @Override
    public TensorBuffer take(TensorPool pool) {
        if (!copy) {
            return lend(memory.byteSize());
        }
        TensorBuffer buffer = pool.lend(memory.byteSize());
        try {
            MemorySegment.ofBuffer(buffer.bytes()).copyFrom(memory);
            return buffer;
        } catch (InternalError e) {
            buffer.close();
            throw cutOff(e);
        }
    }

    @Override
    public void put(String output, TensorBuffer from) {
        try (TensorBuffer into = lend(output, from.bytes().capacity())) {
            MemorySegment.ofBuffer(into.bytes())
                    .copyFrom(MemorySegment.ofBuffer(from.bytes().clear()));
        } catch (InternalError e) {
            throw cutOff(e);
        }
    }

    @Override
    public TensorBuffer lend(String output, long size) {
        if (size > memory.byteSize()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "output " + output + " has " + size + " bytes, the request set aside " + memory.byteSize()
                            + " in shared memory region \"" + region.name() + "\"");
        }
        return lend(size);
    }

    private TensorBuffer lend(long size) {
        // The region cannot be gone: this slice holds it.
        if (!region.tryHold()) {
            throw new IllegalStateException("shared memory region " + region.name() + " is used after it was let go");
        }
        return TensorBuffer.over(memory.asSlice(0, size), region::release);
    }

    /** What reading or writing a page that the client's file no longer has comes to in Java. */
    private Refusal cutOff(InternalError e) {
        return new Refusal(
                Refusal.Kind.INVALID,
                "shared memory region \"" + region.name() + "\": its file was made smaller during the request",
                e);
    }

    @Override
    public void close() {
        if (held.compareAndSet(true, false)) {
            region.release();
        }
    }
}
