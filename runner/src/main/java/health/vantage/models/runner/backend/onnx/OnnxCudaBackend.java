package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtProvider;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.util.Set;

/** ONNX Runtime's CUDA provider on the first GPU; in builds with {@code -Ponnx-gpu}. It has never run on a GPU yet. */
public final class OnnxCudaBackend implements Backend {
    private static final int DEVICE = 0;

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
        return new GpuProbe(OrtProvider.CUDA, "CUDA", "CUDA 12 and cuDNN 9", session -> session.addCUDA(DEVICE))
                .probe(DEVICE);
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        return OnnxSessions.open(files, options, OnnxSessions.cudaName(DEVICE), session -> session.addCUDA(DEVICE));
    }
}
