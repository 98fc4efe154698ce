package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.InferParameter;
import java.util.Map;

/** Places in one region, one after the other. Source: Triton's system shared memory extension. */
final class Placing {
    static final String REGION = "shared_memory_region";
    static final String OFFSET = "shared_memory_offset";
    private static final String SIZE = "shared_memory_byte_size";
    /** What the runtimes like for vector loads. */
    private static final long ALIGNMENT = 64;

    private final String region;
    private long next;

    Placing(String region) {
        this.region = region;
    }

    static long aligned(long size) {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Where the next tensor begins. */
    int next() {
        return Math.toIntExact(next);
    }

    /** The parameters of a tensor of so many bytes. */
    Map<String, InferParameter> place(long size) {
        long offset = next;
        next += aligned(size);
        return Map.of(
                REGION,
                InferParameter.newBuilder().setStringParam(region).build(),
                OFFSET,
                InferParameter.newBuilder().setInt64Param(offset).build(),
                SIZE,
                InferParameter.newBuilder().setInt64Param(size).build());
    }
}
