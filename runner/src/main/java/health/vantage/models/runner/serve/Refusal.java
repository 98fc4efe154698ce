package health.vantage.models.runner.serve;

/** Why a request got no answer: one kind per way a caller should react. The message is a sentence for that caller. */
public final class Refusal extends RuntimeException {
    /** What the caller can do. */
    public enum Kind {
        /** Ask for a name that is served. */
        UNKNOWN_MODEL,
        /** Register the shared memory that the request names. */
        UNKNOWN_REGION,
        /** Send what the model takes. */
        INVALID,
        /** Use another protocol or model: this one cannot carry it. */
        UNSUPPORTED,
        /** Come back when it is ready. */
        NOT_READY,
        /** Come back when there is less to do. */
        BUSY,
        /** Nobody waits any more. */
        CANCELLED,
        /** It took too long. */
        TOO_LATE,
        /** The model failed on this input. */
        MODEL_FAILED
    }

    private final Kind kind;

    public Refusal(Kind kind, String message) {
        this(kind, message, null);
    }

    public Refusal(Kind kind, String message, Throwable cause) {
        // No stack trace: a refusal is an answer, and a flood of them must stay cheap.
        super(message, cause, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
