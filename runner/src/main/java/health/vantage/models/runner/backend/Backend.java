package health.vantage.models.runner.backend;

import java.util.Set;

/**
 * Something that executes models: ONNX Runtime on the CPU, TensorRT, ... Found by {@link java.util.ServiceLoader}, so a backend must be
 * constructible on a machine that cannot run it, and touch no native library before {@link #probe()}.
 */
public interface Backend {
    /** A short name for reports and errors, such as {@code onnxruntime-cpu}. */
    String name();

    /** The values of the metadata's {@code model.format} it can load, in lower case. */
    Set<String> formats();

    /** Which of several files is the model, such as {@code .onnx}. */
    String fileSuffix();

    /** Looks once whether this machine can run it; never throws, whatever the native libraries do. */
    Availability probe();

    /** Whether a model runs in a process of its own: then it can be tried where it will serve, and cannot take this process down. */
    default boolean ownProcess() {
        return false;
    }

    /**
     * Reads the model and prepares it to run; may take seconds and as much memory as the model declares.
     *
     * @throws BackendException when the files are no model of this format, or cannot run here
     */
    LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException;
}
