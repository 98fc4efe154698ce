package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Availability.Unavailable;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.util.Optional;
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

    /** In this order, each asked only when the one before holds: the build, the driver, the provider's own libraries. */
    @Override
    public Availability probe() {
        if (onnx.probe() instanceof Unavailable without) {
            return without;
        }
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            return new Unavailable(
                    "this runner was built without it: its ONNX Runtime has no CUDA provider; build with -Ponnx-gpu");
        }
        Optional<String> driver = CudaDriver.system().missing();
        if (driver.isPresent()) {
            return new Unavailable(driver.get());
        }
        return OnnxSessions.cudaProvider(DEVICE)
                .<Availability>map(reason -> new Unavailable(
                        "the CUDA provider's libraries cannot be loaded (CUDA 12 and cuDNN 9 belong beside it): "
                                + reason))
                .orElseGet(() -> new Availability.Available(
                        OrtEnvironment.getEnvironment().getVersion(), OnnxSessions.cudaName(DEVICE)));
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        return OnnxSessions.open(files, options, OnnxSessions.cudaName(DEVICE), session -> session.addCUDA(DEVICE));
    }
}
