package health.vantage.models.runner.grpc;

import health.vantage.models.runner.serve.Refusal;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** Our refusals in gRPC's words. */
final class Statuses {
    private Statuses() {}

    static StatusRuntimeException of(Refusal refusal) {
        Status status =
                switch (refusal.kind()) {
                    case UNKNOWN_MODEL -> Status.NOT_FOUND;
                    case INVALID -> Status.INVALID_ARGUMENT;
                    case UNSUPPORTED -> Status.FAILED_PRECONDITION;
                    case NOT_READY -> Status.UNAVAILABLE;
                    case BUSY -> Status.RESOURCE_EXHAUSTED;
                    case CANCELLED -> Status.CANCELLED;
                    case TOO_LATE -> Status.DEADLINE_EXCEEDED;
                    case MODEL_FAILED -> Status.INTERNAL;
                };
        return status.withDescription(refusal.getMessage()).asRuntimeException();
    }
}
