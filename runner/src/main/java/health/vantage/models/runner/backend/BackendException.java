package health.vantage.models.runner.backend;

/** A model cannot be loaded, or failed while it ran; the message says which file or model, and what the runtime answered. */
public final class BackendException extends Exception {
    public BackendException(String message) {
        super(message);
    }

    public BackendException(String message, Throwable cause) {
        super(message, cause);
    }
}
