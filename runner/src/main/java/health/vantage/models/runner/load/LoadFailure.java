package health.vantage.models.runner.load;

/** A version is not fit to serve; {@link #reason} is the CamelCase word for conditions, the message the sentence for people. */
public final class LoadFailure extends Exception {
    private final String reason;

    public LoadFailure(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public LoadFailure(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
