package health.vantage.models.runner.load;

import health.vantage.models.runner.tensor.TensorPool;
import java.util.Optional;

/**
 * The memory in use at one moment, to be compared with a later one: what a model took that was loaded in between. On the machine's own memory
 * tensors of requests are taken out of the sum; on a GPU everybody's use counts, and the first model carries the runtime's own.
 */
record MemoryMark(Optional<Long> processMiB, Optional<Long> gpuMiB, long tensorMiB) {
    private static final long MIB = 1L << 20;

    /** @param device where models are about to be loaded, such as {@code cpu} or {@code cuda:0} */
    static MemoryMark now(String device, TensorPool pool) {
        return new MemoryMark(
                ProcessMemory.own().map(ProcessMemory::residentMiB), GpuMemory.usedMiB(device), pool.lentBytes() / MIB);
    }

    /** MiB taken since, on the GPU where there is one; empty where nothing can be read. */
    Optional<Long> grownTo(MemoryMark later) {
        if (gpuMiB.isPresent() && later.gpuMiB().isPresent()) {
            return Optional.of(Math.max(0, later.gpuMiB().get() - gpuMiB.get()));
        }
        return processMiB.flatMap(before -> later.processMiB()
                .map(after -> Math.max(0, after - before - Math.max(0, later.tensorMiB() - tensorMiB))));
    }
}
