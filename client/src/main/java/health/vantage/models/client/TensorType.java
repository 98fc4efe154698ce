package health.vantage.models.client;

/** Element types by the protocol's names; all little-endian, without padding. */
public enum TensorType {
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
    FP32(4),
    FP64(8),
    BF16(2),
    /** Each element is its length, in four bytes, and then its bytes; text is UTF-8. */
    BYTES(0);

    private final int bytes;

    TensorType(int bytes) {
        this.bytes = bytes;
    }

    /** Of one element; 0 where each has its own length. */
    public int bytes() {
        return bytes;
    }

    /** @throws RunnerException of kind PROTOCOL for a type that this client does not know */
    static TensorType of(String tensor, String name) {
        for (TensorType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new RunnerException(
                RunnerException.Kind.PROTOCOL,
                "tensor " + tensor + " is of type " + name + ", which this client cannot read");
    }
}
