package health.vantage.models.runner.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What one element of a tensor is; the names are those of the Open Inference Protocol. */
public enum DataType {
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    /** Texts of any length, each after its length as four bytes: {@link Texts}. */
    BYTES(4);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element in bytes; of {@link #BYTES} that of an empty one, which is the least. */
    public int bytes() {
        return bytes;
    }

    /** Whether a tensor's size follows from its shape. */
    public boolean isFixedWidth() {
        return this != BYTES;
    }

    /** @throws IllegalArgumentException naming what is known */
    public static DataType parse(String name) {
        String wanted = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(type -> type.name().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"" + name + "\" is no data type; known are "
                        + Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "))));
    }
}
