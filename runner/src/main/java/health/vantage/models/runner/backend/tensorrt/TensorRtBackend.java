package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.CudaDriver;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.util.Optional;
import java.util.Set;

/** TensorRT engines. It has never run on a GPU yet. */
public final class TensorRtBackend implements Backend {
    /** Where it is looked for; engines run on the one they are loaded for. */
    private static final int FIRST = 0;

    @Override
    public String name() {
        return "tensorrt";
    }

    @Override
    public Set<String> formats() {
        return Set.of("tensorrt");
    }

    @Override
    public String fileSuffix() {
        return ".plan";
    }

    /**
     * Links TensorRT, then counts GPUs, and touches nothing else: what TensorRT makes without a driver looks alive and kills the process. The
     * driver's absence explains every failure above it, so it is told first.
     */
    @Override
    // A build without JavaCPP on its class path fails by an error, not an exception.
    public Availability probe() {
        try {
            letJavaCppUseMemory();
            Optional<String> missing = JavaCppCalls.missing();
            if (missing.isEmpty()) {
                return new Availability.Available(JavaCppCalls.version(), "cuda:" + FIRST);
            }
            String cause = CudaDriver.system().missing().orElse(missing.get());
            return new Availability.Unavailable("TensorRT backend unavailable: " + cause);
        } catch (Throwable e) {
            return new Availability.Unavailable("TensorRT backend unavailable: JavaCPP cannot be used: " + e);
        }
    }

    /**
     * Its defaults refuse to allocate once the process takes twice the Java heap's limit, which is small here on purpose: tensors live outside it.
     */
    private static void letJavaCppUseMemory() {
        for (String limit : new String[] {"org.bytedeco.javacpp.maxBytes", "org.bytedeco.javacpp.maxPhysicalBytes"}) {
            if (System.getProperty(limit) == null) {
                System.setProperty(limit, "0");
            }
        }
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        return TensorRtModel.open(new JavaCppCalls(), JavaCppCalls.version(), options.device(), files);
    }
}
