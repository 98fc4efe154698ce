package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** ONNX Runtime on the CPU. */
public final class OnnxCpuBackend implements Backend {
    @Override
    public String name() {
        return "onnxruntime-cpu";
    }

    @Override
    public Set<String> formats() {
        return Set.of("onnx");
    }

    @Override
    public String fileSuffix() {
        return ".onnx";
    }

    /**
     * ONNX Runtime 1.29 reads {@code /proc/self/cmdline} when its environment is made, and dies of SIGSEGV when that is longer than a
     * page (seen with 4,200 bytes, not with 3,200). A class path on the command line gets there easily.
     */
    private static final long MAX_COMMAND_LINE = 3500;

    @Override
    // Its natives are unpacked and linked by a static initialiser: what fails there is an Error.
    public Availability probe() {
        try {
            long commandLine = commandLineBytes();
            if (commandLine > MAX_COMMAND_LINE) {
                return new Availability.Unavailable(
                        "the process's command line has " + commandLine
                                + " bytes, of which ONNX Runtime 1.29 crashes; start the runner with -jar or pass the class path in CLASSPATH");
            }
            return new Availability.Available(OrtEnvironment.getEnvironment().getVersion(), "cpu");
        } catch (Throwable e) {
            return new Availability.Unavailable("ONNX Runtime's native library cannot be loaded: " + e);
        }
    }

    private static long commandLineBytes() throws IOException {
        Path file = Path.of("/proc/self/cmdline");
        return Files.exists(file) ? Files.readAllBytes(file).length : 0;
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        return OnnxSessions.open(files, options, "cpu", _ -> {});
    }
}
