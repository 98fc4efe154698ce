package health.vantage.models.runner.openinference;

import health.vantage.models.runner.proto.v2.InferBatchStatistics;
import health.vantage.models.runner.proto.v2.InferStatistics;
import health.vantage.models.runner.proto.v2.ModelStatistics;
import health.vantage.models.runner.proto.v2.StatisticDuration;
import health.vantage.models.runner.serve.ModelLane;
import health.vantage.models.runner.serve.RequestStatistics;
import health.vantage.models.runner.serve.RequestStatistics.Total;
import health.vantage.models.runner.serve.RunStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What a model's requests and runs came to, in the words of Triton's statistics extension. It counts since the model has its name here, over
 * swaps; the version is the one that serves now.
 */
final class ModelCounts {
    private ModelCounts() {}

    static ModelStatistics of(ModelLane lane) {
        RequestStatistics.Reading requests = lane.requests().read();
        Map<Long, RunStatistics.Reading> runs = lane.statistics().read();
        ModelStatistics.Builder statistics = ModelStatistics.newBuilder()
                .setName(lane.slot().name())
                .setVersion(lane.slot()
                        .active()
                        .map(version -> version.contract().version())
                        .orElse(""))
                .setLastInference(requests.last().map(Instant::toEpochMilli).orElse(0L))
                .setInferenceCount(requests.rows())
                .setExecutionCount(runs.values().stream()
                        .mapToLong(RunStatistics.Reading::runs)
                        .sum())
                .setInferenceStats(InferStatistics.newBuilder()
                        .setSuccess(total(requests.success()))
                        .setFail(total(requests.fail()))
                        .setQueue(total(requests.queue()))
                        .setComputeInput(total(requests.input()))
                        .setComputeInfer(total(requests.infer()))
                        .setComputeOutput(total(requests.output()))
                        .setCacheHit(StatisticDuration.getDefaultInstance())
                        .setCacheMiss(StatisticDuration.getDefaultInstance()));
        runs.forEach((rows, reading) -> statistics.addBatchStats(InferBatchStatistics.newBuilder()
                .setBatchSize(rows)
                .setComputeInput(duration(reading.runs(), reading.input()))
                .setComputeInfer(duration(reading.runs(), reading.infer()))
                .setComputeOutput(duration(reading.runs(), reading.output()))));
        return statistics.build();
    }

    private static StatisticDuration total(Total total) {
        return duration(total.count(), total.time());
    }

    private static StatisticDuration duration(long count, Duration time) {
        return StatisticDuration.newBuilder()
                .setCount(count)
                .setNs(time.toNanos())
                .build();
    }
}
