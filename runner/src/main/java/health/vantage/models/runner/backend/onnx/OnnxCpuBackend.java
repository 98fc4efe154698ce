package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
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

    @Override
    // Its natives are unpacked and linked by a static initialiser: what fails there is an Error.
    public Availability probe() {
        try {
            return new Availability.Available(OrtEnvironment.getEnvironment().getVersion(), "cpu");
        } catch (Throwable e) {
            return new Availability.Unavailable("ONNX Runtime's native library cannot be loaded: " + e);
        }
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (SessionOptions session = new SessionOptions()) {
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
