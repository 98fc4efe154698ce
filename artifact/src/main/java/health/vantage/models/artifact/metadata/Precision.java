package health.vantage.models.artifact.metadata;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The number type of a model's weights; in JSON the lower-case name. */
public enum Precision {
    FP64,
    FP32,
    TF32,
    FP16,
    BF16,
    FP8,
    FP4,
    INT16,
    INT8,
    INT4,
    MIXED;

    /** What the CNCF ModelPack config and the training frameworks call the same types. */
    private static final Map<String, Precision> ALSO = Map.of(
            "float64", FP64,
            "float32", FP32,
            "float16", FP16,
            "half", FP16,
            "bfloat16", BF16,
            "float8", FP8,
            "uint8", INT8);

    @JsonValue
    public String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Precision> of(String jsonName) {
        String lower = jsonName.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(p -> p.jsonName().equals(lower))
                .findFirst()
                .or(() -> Optional.ofNullable(ALSO.get(lower)));
    }

    @JsonCreator
    static Precision fromJson(String jsonName) {
        return of(jsonName)
                .orElseThrow(
                        () -> new IllegalArgumentException("must be one of " + known() + ", is '" + jsonName + "'"));
    }

    static String known() {
        return Arrays.stream(values()).map(Precision::jsonName).collect(Collectors.joining(", "));
    }
}
