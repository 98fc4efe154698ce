package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
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
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (SessionOptions session = new SessionOptions()) {
            // What it logs as errors are exceptions to us, which are counted and answered: a failing version must not
            // fill the log.
            session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            session.setIntraOpNumThreads(options.threads());
            session.setInterOpNumThreads(1);
            // Its cached plan grows without bound with changing shapes (onnxruntime issues 29351, 32342).
            session.setMemoryPatternOptimization(false);
            // Idle threads that spin take the cores from the other models of the node.
            session.addConfigEntry("session.intra_op.allow_spinning", "0");
            return new OnnxModel(
                    environment, environment.createSession(files.weights().toString(), session));
        } catch (OrtException e) {
            throw new BackendException(
                    "ONNX Runtime cannot load " + files.weights().getFileName() + ": " + e.getMessage(), e);
        }
    }
}
