package health.vantage.models.runner.model;

import java.util.Optional;

/**
 * What a version says it needs on its device, and what it was seen to take.
 *
 * @param declaredMiB {@code model.vramGB} of the metadata, which placement counts with
 * @param measuredMiB empty where it could not be measured
 */
public record ModelMemory(long declaredMiB, Optional<Long> measuredMiB) {
    /** Readings are of whole processes: below this a difference is theirs. */
    private static final long NOISE_MIB = 16;

    /** A sentence when it takes more than it says. */
    public Optional<String> excess() {
        return measuredMiB
                .filter(measured -> measured > declaredMiB + NOISE_MIB)
                .map(measured -> "takes " + measured + " MiB and declares " + declaredMiB
                        + "; nodes are filled by what is declared: correct model.vramGB in its metadata");
    }
}
