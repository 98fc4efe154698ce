package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Availability.Unavailable;
import health.vantage.models.runner.backend.CudaDriver;
import java.util.Optional;

/**
 * Looks for an execution provider on a GPU.
 *
 * @param provider in ONNX Runtime's words
 * @param name in people's
 * @param libraries what must lie beside it
 */
record GpuProbe(OrtProvider provider, String name, String libraries, OnnxSessions.Provider trial) {
    /** In this order, each asked only when the one before holds: the build, the driver, the provider's own libraries. */
    Availability probe(int device) {
        if (new OnnxCpuBackend().probe() instanceof Unavailable without) {
            return without;
        }
        if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
            return new Unavailable("this runner was built without it: its ONNX Runtime has no " + name
                    + " provider; build with -Ponnx-gpu");
        }
        Optional<String> driver = CudaDriver.system().missing();
        if (driver.isPresent()) {
            return new Unavailable(driver.get());
        }
        return OnnxSessions.missing(trial)
                .<Availability>map(reason -> new Unavailable("the " + name + " provider's libraries cannot be loaded ("
                        + libraries + " belong beside it): " + reason))
                .orElseGet(() -> new Availability.Available(
                        OrtEnvironment.getEnvironment().getVersion(), OnnxSessions.cudaName(device)));
    }
}
