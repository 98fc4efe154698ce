package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtProvider;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.util.Set;

/** ONNX Runtime's CUDA provider; in builds with {@code -Ponnx-gpu}. It has never run on a GPU yet. */
public final class OnnxCudaBackend implements Backend {
    /** Where it is looked for; models run on the one they are loaded for. */
    private static final int FIRST = 0;

    private final OnnxCpuBackend onnx = new OnnxCpuBackend();

    @Override
    public String name() {
        return "onnxruntime-cuda";
    }

    @Override
    public Set<String> formats() {
        return onnx.formats();
    }

    @Override
    public String fileSuffix() {
        return onnx.fileSuffix();
    }

    @Override
    public Availability probe() {
        return new GpuProbe(OrtProvider.CUDA, "CUDA", "CUDA 12 and cuDNN 9", session -> session.addCUDA(FIRST))
                .probe(FIRST);
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        return OnnxSessions.open(
                files, options, OnnxSessions.cudaName(options.device()), session -> session.addCUDA(options.device()));
    }
}
