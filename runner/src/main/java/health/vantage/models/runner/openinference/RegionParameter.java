package health.vantage.models.runner.openinference;

import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.shm.SharedSlice;
import java.util.Optional;

/**
 * The parameters of Triton's shared memory extension on an input or output.
 *
 * @param offset into the region, in bytes
 * @param size in bytes
 */
public record RegionParameter(String region, long offset, long size) {
    public static final String REGION = "shared_memory_region";
    public static final String OFFSET = "shared_memory_offset";
    public static final String SIZE = "shared_memory_byte_size";

    /** Empty where the tensor's bytes travel in the message. */
    public static Optional<RegionParameter> of(Parameters parameters) {
        Optional<String> region = parameters.text(REGION);
        Optional<Long> size = parameters.number(SIZE);
        if (region.isPresent() != size.isPresent()) {
            throw parameters.invalid(REGION + " and " + SIZE + " need each other");
        }
        return region.map(
                name -> new RegionParameter(name, parameters.number(OFFSET).orElse(0L), size.get()));
    }

    /** The caller closes it. */
    public SharedSlice slice(SharedRegions regions) {
        return regions.slice(region, offset, size);
    }
}
