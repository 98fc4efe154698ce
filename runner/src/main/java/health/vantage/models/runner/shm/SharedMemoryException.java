package health.vantage.models.runner.shm;

/** A region cannot be registered; the message is a sentence for the client that asked. */
public final class SharedMemoryException extends Exception {
    /** What the client can do. */
    public enum Kind {
        /** Start the runner with it. */
        DISABLED,
        /** Take another name, or unregister first. */
        NAME_TAKEN,
        /** Ask for something else. */
        INVALID,
        /** Unregister others first. */
        TOO_MANY
    }

    private final Kind kind;

    public SharedMemoryException(Kind kind, String message) {
        this(kind, message, null);
    }

    public SharedMemoryException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
