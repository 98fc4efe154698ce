package health.vantage.models.runner.http;

import health.vantage.models.runner.serve.ModelTable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/**
 * The same counts under the names of Triton's metrics (its user guide, "Metrics"), so that dashboards and autoscalers made for Triton work
 * here. Written by hand: Micrometer would append {@code _total}. Without a {@code version} label, since counters must not start anew with
 * every swap.
 */
final class TritonNames {
    private final Map<String, Counts> models = new ConcurrentSkipListMap<>();

    private static final class Counts {
        final LongAdder answered = new LongAdder();
        final LongAdder refused = new LongAdder();
        final LongAdder rows = new LongAdder();
        final LongAdder runs = new LongAdder();
        final LongAdder queueMicros = new LongAdder();
        final LongAdder inferMicros = new LongAdder();
    }

    void answered(String model, Duration queued, Duration inModel) {
        Counts of = models.computeIfAbsent(model, _ -> new Counts());
        of.answered.increment();
        of.queueMicros.add(queued.toNanos() / 1000);
        of.inferMicros.add(inModel.toNanos() / 1000);
    }

    void ran(String model, long rows) {
        Counts of = models.computeIfAbsent(model, _ -> new Counts());
        of.runs.increment();
        of.rows.add(rows);
    }

    void refused(String model) {
        models.computeIfAbsent(model, _ -> new Counts()).refused.increment();
    }

    /** In Prometheus' text format. */
    String scrape(ModelTable table) {
        StringBuilder text = new StringBuilder();
        counter(text, "nv_inference_request_success", "Requests answered", of -> of.answered.sum());
        counter(text, "nv_inference_request_failure", "Requests refused or failed", of -> of.refused.sum());
        counter(text, "nv_inference_count", "Rows answered; 1 per request where none are batched", of -> of.rows.sum());
        counter(text, "nv_inference_exec_count", "Runs of the model", of -> of.runs.sum());
        counter(
                text,
                "nv_inference_request_duration_us",
                "Queue and model time, cumulative",
                of -> of.queueMicros.sum() + of.inferMicros.sum());
        counter(text, "nv_inference_queue_duration_us", "Queue time, cumulative", of -> of.queueMicros.sum());
        counter(text, "nv_inference_compute_infer_duration_us", "Model time, cumulative", of -> of.inferMicros.sum());
        head(text, "nv_inference_pending_request_count", "Requests that wait for their turn", "gauge");
        table.forEach(lane ->
                line(text, "nv_inference_pending_request_count", lane.slot().name(), lane.waiting()));
        return text.toString();
    }

    private void counter(StringBuilder text, String name, String help, ToLongFunction<Counts> value) {
        head(text, name, help, "counter");
        models.forEach((model, counts) -> line(text, name, model, value.applyAsLong(counts)));
    }

    private static void head(StringBuilder text, String name, String help, String type) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    private static void line(StringBuilder text, String name, String model, long value) {
        String quoted = model.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        text.append(name)
                .append("{model=\"")
                .append(quoted)
                .append("\"} ")
                .append(value)
                .append('\n');
    }
}
