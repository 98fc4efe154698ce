package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.util.Optional;

/** How every ONNX Runtime session is opened, whatever executes it. */
final class OnnxSessions {
    private OnnxSessions() {}

    /** Adds an execution provider; the CPU's is always there. */
    interface Provider {
        void addTo(SessionOptions session) throws OrtException;
    }

    static String cudaName(int device) {
        return "cuda:" + device;
    }

    /** Why a provider cannot be used; empty when it can. */
    // A library that cannot be linked may come as an Error.
    static Optional<String> missing(Provider provider) {
        try (SessionOptions session = new SessionOptions()) {
            provider.addTo(session);
            return Optional.empty();
        } catch (OrtException | LinkageError e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** @param device for reports */
    static LoadedModel open(ModelFiles files, LoadOptions options, String device, Provider provider)
            throws BackendException {
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
            provider.addTo(session);
            return new OnnxModel(
                    environment, environment.createSession(files.weights().toString(), session), device);
        } catch (OrtException e) {
            throw new BackendException(
                    "ONNX Runtime cannot load " + files.weights().getFileName() + " on " + device + ": "
                            + e.getMessage(),
                    e);
        }
    }
}
