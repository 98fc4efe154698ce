package health.vantage.models.runner.rest;

import health.vantage.models.runner.serve.Refusal;

/** Our refusals in HTTP's numbers. */
final class HttpStatus {
    static final int OK = 200;
    static final int BAD_REQUEST = 400;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int TOO_LARGE = 413;
    static final int TOO_MANY = 429;
    static final int NOT_IMPLEMENTED = 501;
    static final int UNAVAILABLE = 503;

    private HttpStatus() {}

    static int of(Refusal refusal) {
        return switch (refusal.kind()) {
            case UNKNOWN_MODEL, UNKNOWN_REGION -> NOT_FOUND;
            case INVALID, UNSUPPORTED -> BAD_REQUEST;
            case NOT_READY -> UNAVAILABLE;
            case BUSY -> TOO_MANY;
            case CANCELLED -> 499;
            case TOO_LATE -> 504;
            case MODEL_FAILED -> 500;
        };
    }
}
