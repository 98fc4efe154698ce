package health.vantage.models.runner.access;

/** Who calls is not known here; the message is a sentence for the caller and holds no secret. */
public final class AccessDenied extends Exception {
    AccessDenied(String message) {
        super(message);
    }
}
