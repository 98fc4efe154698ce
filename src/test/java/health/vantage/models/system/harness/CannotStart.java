package health.vantage.models.system.harness;

/** A container cannot be started yet; shown as its waiting state, tried again. */
final class CannotStart extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** @param reason as a real kubelet names it, such as {@code ErrImagePull} or {@code CreateContainerConfigError} */
    CannotStart(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
