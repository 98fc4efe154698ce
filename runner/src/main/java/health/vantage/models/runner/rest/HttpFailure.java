package health.vantage.models.runner.rest;

/** An answer other than 200 that is no refusal of a model: the message is a sentence for the caller. */
final class HttpFailure extends RuntimeException {
    private final int status;

    HttpFailure(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
