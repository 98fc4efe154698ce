package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;

/** What a runner reports of one model, as tests like to write it. */
public record Said(
        String model,
        long epoch,
        State how,
        String digest,
        String reason,
        String message,
        long requests,
        long errors,
        double p99Millis) {

    public static Said is(State state) {
        return new Said(Told.MODEL, 2, state, null, null, null, 0, 0, 0);
    }

    public static Said serves() {
        return is(State.Active).serving(Told.NEW);
    }

    public static Said failed(String reason, String message) {
        return new Said(Told.MODEL, 2, State.Failed, null, reason, message, 0, 0, 0);
    }

    public Said of(String otherModel) {
        return new Said(otherModel, epoch, how, digest, reason, message, requests, errors, p99Millis);
    }

    public Said in(long otherEpoch) {
        return new Said(model, otherEpoch, how, digest, reason, message, requests, errors, p99Millis);
    }

    public Said serving(String activeDigest) {
        return new Said(model, epoch, how, activeDigest, reason, message, requests, errors, p99Millis);
    }

    public Said saying(String text) {
        return new Said(model, epoch, how, digest, reason, text, requests, errors, p99Millis);
    }

    public Said counted(long allRequests, long failedRequests, double p99) {
        return new Said(model, epoch, how, digest, reason, message, allRequests, failedRequests, p99);
    }

    public ModelState report() {
        return new ModelState(
                model,
                epoch,
                how,
                digest,
                null,
                null,
                null,
                reason,
                message,
                null,
                null,
                "2026-11-01T00:00:00Z",
                requests,
                errors,
                p99Millis,
                null,
                null);
    }
}
