package health.vantage.models.client;

import io.grpc.Status;

/** Why there is no answer: one kind per way a caller can react. The message is the runner's own where it spoke. */
public final class RunnerException extends RuntimeException {
    /** What the caller can do. */
    public enum Kind {
        /** Ask for a model or version that is served. */
        NOT_FOUND,
        /** Send what the model takes; the message names the tensor, what was expected and what came. */
        INVALID,
        /** Show a valid token or certificate. */
        DENIED,
        /** Send or ask for less, or raise the limit of the side that the message names: no message of this size is taken. */
        TOO_LARGE,
        /** Come back later: the queue or the byte budget is full. */
        BUSY,
        /** Come back later, or look for the runner: it does not answer, or the model is not ready. */
        UNAVAILABLE,
        /** Wait longer, or send less. */
        TOO_LATE,
        /** Nothing: this call was cancelled. */
        CANCELLED,
        /** Read the message: over a stream the protocol tells no more of why one request was refused. */
        REFUSED,
        /** Nothing: the model failed on this input. */
        MODEL_FAILED,
        /** Look at the versions of both sides: the answer makes no sense. */
        PROTOCOL
    }

    private final Kind kind;

    RunnerException(Kind kind, String message) {
        this(kind, message, null);
    }

    RunnerException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** @param attempts how often it was tried */
    static RunnerException of(Status status, String what, int attempts) {
        String description = status.getDescription() == null ? "no reason given" : status.getDescription();
        return new RunnerException(
                kind(status),
                what + ": " + status.getCode() + ": " + description
                        + (attempts > 1 ? " (after " + attempts + " attempts)" : ""),
                status.getCause());
    }

    private static Kind kind(Status status) {
        return switch (status.getCode()) {
            case NOT_FOUND -> Kind.NOT_FOUND;
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, ALREADY_EXISTS -> Kind.INVALID;
            case UNAUTHENTICATED, PERMISSION_DENIED -> Kind.DENIED;
            case RESOURCE_EXHAUSTED -> tooLarge(status) ? Kind.TOO_LARGE : Kind.BUSY;
            case UNAVAILABLE -> Kind.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Kind.TOO_LATE;
            case CANCELLED, ABORTED -> Kind.CANCELLED;
            case INTERNAL -> Kind.MODEL_FAILED;
            case OK, UNKNOWN, UNIMPLEMENTED, DATA_LOSS -> Kind.PROTOCOL;
        };
    }

    /** gRPC has one code for what is full now and for what will never fit; its own words tell them apart. */
    private static boolean tooLarge(Status status) {
        return status.getDescription() != null && status.getDescription().contains("exceeds maximum size");
    }

    public Kind kind() {
        return kind;
    }
}
