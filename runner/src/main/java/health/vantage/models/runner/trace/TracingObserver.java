package health.vantage.models.runner.trace;

import health.vantage.models.runner.serve.Inferences.Observer;
import health.vantage.models.runner.serve.Passage;
import health.vantage.models.runner.serve.Refusal;
import java.time.Duration;

/** Counts as before, and makes spans as well. */
public record TracingObserver(Observer counting, RequestSpans spans) implements Observer {
    @Override
    public void answered(String model, Duration queued, Duration inModel) {
        counting.answered(model, queued, inModel);
    }

    @Override
    public void refused(String model, Refusal.Kind kind) {
        counting.refused(model, kind);
    }

    @Override
    public void ran(String model, int requests, long rows) {
        counting.ran(model, requests, rows);
    }

    @Override
    public void passed(Passage passage) {
        spans.passed(passage);
    }
}
