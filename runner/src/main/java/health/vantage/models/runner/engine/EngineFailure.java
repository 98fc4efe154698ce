package health.vantage.models.runner.engine;

/** An engine did not start; the message is the end of a sentence that begins with its name. */
final class EngineFailure extends Exception {
    EngineFailure(String message) {
        super(message);
    }

    EngineFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
