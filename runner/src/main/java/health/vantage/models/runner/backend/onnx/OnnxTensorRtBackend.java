package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * ONNX Runtime's TensorRT provider; in builds with {@code -Ponnx-gpu}. It has never run on a GPU yet. Off unless asked for: it builds
 * an engine from the model, which takes minutes in the preflight; what it built is kept and loaded after that.
 */
public final class OnnxTensorRtBackend implements Backend {
    /** {@code true} switches it on. */
    static final String SWITCH = "VANTAGE_ONNX_TENSORRT";

    /** Where it is looked for; models run on the one they are loaded for. */
    private static final int FIRST = 0;

    private final OnnxCpuBackend onnx = new OnnxCpuBackend();
    private final boolean wanted;

    public OnnxTensorRtBackend() {
        this(Boolean.parseBoolean(System.getenv(SWITCH)));
    }

    OnnxTensorRtBackend(boolean wanted) {
        this.wanted = wanted;
    }

    @Override
    public String name() {
        return "onnxruntime-tensorrt";
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
        if (!wanted) {
            return new Availability.Unavailable(
                    "it is switched off; " + SWITCH + "=true in the runner's environment switches it on");
        }
        return new GpuProbe(
                        OrtProvider.TENSOR_RT,
                        "TensorRT",
                        "TensorRT 10, CUDA 12 and cuDNN 9",
                        session -> session.addTensorrt(FIRST))
                .probe(FIRST);
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        Map<String, String> settings = settings(files.declared().precision(), options);
        return OnnxSessions.open(
                files,
                options,
                "tensorrt on " + OnnxSessions.cudaName(options.device()),
                session -> add(session, settings, options.device()));
    }

    /** What TensorRT cannot run goes to CUDA. */
    private static void add(SessionOptions session, Map<String, String> settings, int device) throws OrtException {
        try (OrtTensorRTProviderOptions provider = new OrtTensorRTProviderOptions(device)) {
            for (Map.Entry<String, String> setting : settings.entrySet()) {
                provider.add(setting.getKey(), setting.getValue());
            }
            session.addTensorrt(provider);
        }
        session.addCUDA(device);
    }

    /** By ONNX Runtime's names (its page "TensorRT Execution Provider"). INT8 takes the scales from the model's own QDQ nodes. */
    static Map<String, String> settings(String precision, LoadOptions options) throws BackendException {
        Map<String, String> settings = new TreeMap<>();
        if (Set.of("fp16", "int8").contains(precision)) {
            settings.put("trt_fp16_enable", "1");
        }
        if (precision.equals("int8")) {
            settings.put("trt_int8_enable", "1");
        }
        if (options.builtEngines().isPresent()) {
            Path folder = options.builtEngines().get();
            try {
                Files.createDirectories(folder);
            } catch (IOException e) {
                throw new BackendException("the folder " + folder + " for built engines cannot be used: " + e, e);
            }
            settings.put("trt_engine_cache_enable", "1");
            settings.put("trt_engine_cache_path", folder.toString());
            settings.put("trt_timing_cache_enable", "1");
            settings.put("trt_timing_cache_path", folder.toString());
        }
        return settings;
    }
}
