package health.vantage.models.artifact.metadata;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The file format of a model's weights; in JSON the lower-case name. */
public enum ModelFormat {
    ONNX,
    TENSORRT,
    PYTORCH,
    TORCHSCRIPT,
    SAFETENSORS,
    VLLM,
    TFLITE,
    OPENVINO,
    GGUF;

    @JsonValue
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<ModelFormat> of(String jsonName) {
        return Arrays.stream(values())
                .filter(f -> f.jsonName().equals(jsonName.toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    @JsonCreator
    static ModelFormat fromJson(String jsonName) {
        return of(jsonName)
                .orElseThrow(
                        () -> new IllegalArgumentException("must be one of " + known() + ", is '" + jsonName + "'"));
    }

    static String known() {
        return Arrays.stream(values()).map(ModelFormat::jsonName).collect(Collectors.joining(", "));
    }
}
