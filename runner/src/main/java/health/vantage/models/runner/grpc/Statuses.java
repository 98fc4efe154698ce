package health.vantage.models.runner.grpc;

import health.vantage.models.runner.serve.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Our refusals in gRPC's words. */
final class Statuses {
    /** gRFC A6: when a client that may retry should come back, in milliseconds. */
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    /** A run or two of a usual model: long enough for a place to be free, short beside what the caller waits anyway. */
    private static final String BUSY_PAUSE = "100";

    private Statuses() {}

    static StatusRuntimeException of(Refusal refusal) {
        Status status =
                switch (refusal.kind()) {
                    case UNKNOWN_MODEL, UNKNOWN_REGION -> Status.NOT_FOUND;
                    case INVALID -> Status.INVALID_ARGUMENT;
                    case UNSUPPORTED -> Status.FAILED_PRECONDITION;
                    case NOT_READY -> Status.UNAVAILABLE;
                    case BUSY -> Status.RESOURCE_EXHAUSTED;
                    case CANCELLED -> Status.CANCELLED;
                    case TOO_LATE -> Status.DEADLINE_EXCEEDED;
                    case MODEL_FAILED -> Status.INTERNAL;
                };
        return status.withDescription(refusal.getMessage()).asRuntimeException(trailers(refusal));
    }

    private static Metadata trailers(Refusal refusal) {
        Metadata trailers = new Metadata();
        if (refusal.kind() == Refusal.Kind.BUSY) {
            trailers.put(PUSHBACK, BUSY_PAUSE);
        }
        return trailers;
    }
}
