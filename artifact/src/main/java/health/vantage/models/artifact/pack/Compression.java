package health.vantage.models.artifact.pack;

/** Whether layers are compressed. */
public enum Compression {
    /** zstd where it saves at least 5 %; measured, real ONNX weights save about 8 %. */
    AUTO,
    NONE
}
