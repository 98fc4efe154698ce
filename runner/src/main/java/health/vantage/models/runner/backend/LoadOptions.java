package health.vantage.models.runner.backend;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * @param threads how many cores one run may use; at least 1
 * @param builtEngines where backends keep what they built from models, a folder per model; empty where nothing is kept
 * @param device the GPU to load on, counted as CUDA counts; backends of the CPU do not ask
 * @param unwanted asked while loading takes long; {@code true} ends it with an exception
 */
public record LoadOptions(int threads, Optional<Path> builtEngines, int device, BooleanSupplier unwanted) {
    /** Nothing is kept, the first GPU counts, and loading goes on to its end. */
    public LoadOptions(int threads) {
        this(threads, Optional.empty(), 0, () -> false);
    }

    public LoadOptions {
        if (device < 0) {
            throw new IllegalArgumentException("GPUs are counted from 0, not " + device);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("a model needs at least one thread, not " + threads);
        }
    }

    /** The same for one model, whose built things get a folder of their own. */
    public LoadOptions forModel(String digestHex) {
        return new LoadOptions(threads, builtEngines.map(folder -> folder.resolve(digestHex)), device, unwanted);
    }

    public LoadOptions onDevice(int index) {
        return new LoadOptions(threads, builtEngines, index, unwanted);
    }

    public LoadOptions until(BooleanSupplier unwantedNow) {
        return new LoadOptions(threads, builtEngines, device, unwantedNow);
    }
}
