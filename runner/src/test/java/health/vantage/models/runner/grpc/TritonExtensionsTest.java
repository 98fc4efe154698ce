package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.DataType;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferStatistics;
import health.vantage.models.runner.proto.v2.LogSettingsRequest;
import health.vantage.models.runner.proto.v2.ModelConfig;
import health.vantage.models.runner.proto.v2.ModelConfigRequest;
import health.vantage.models.runner.proto.v2.ModelStatistics;
import health.vantage.models.runner.proto.v2.ModelStatisticsRequest;
import health.vantage.models.runner.proto.v2.RepositoryIndexRequest;
import health.vantage.models.runner.proto.v2.RepositoryIndexResponse.ModelIndex;
import health.vantage.models.runner.proto.v2.RepositoryModelLoadRequest;
import health.vantage.models.runner.proto.v2.RepositoryModelUnloadRequest;
import health.vantage.models.runner.proto.v2.TraceSettingRequest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TritonExtensionsTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;
    private GRPCInferenceServiceBlockingStub stub;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
        stub = GRPCInferenceServiceGrpc.newBlockingStub(runner.channel());
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    @Test
    void statisticsCountEveryRequestAndWhereItsTimeWent() throws Exception {
        runner.serve("strict", "2.0.0", OnnxModels.failsAbove(5, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        Instant before = Instant.now();
        runner.infer("strict", Floats.bytes(1, 2, 3));
        runner.infer("strict", Floats.bytes(1, 2, 3));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> runner.infer("strict", Floats.bytes(1, 2, 30)));
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> runner.infer("strict", Floats.bytes(1)));

        // A refused request is counted just before its answer leaves, an answered one likewise.
        Awaitility.await()
                .atMost(Duration.ofSeconds(5))
                .until(() -> statistics("strict").getInferenceStats().getFail().getCount() == 2);
        ModelStatistics read = statistics("strict");

        assertThat(read.getVersion()).isEqualTo("2.0.0");
        assertThat(read.getInferenceCount()).isEqualTo(2);
        assertThat(read.getExecutionCount()).isEqualTo(2);
        assertThat(read.getLastInference())
                .isBetween(before.toEpochMilli(), Instant.now().toEpochMilli());
        InferStatistics times = read.getInferenceStats();
        assertThat(times.getSuccess().getCount()).isEqualTo(2);
        assertThat(times.getFail().getNs()).isPositive();
        assertThat(List.of(
                        times.getQueue(), times.getComputeInput(), times.getComputeInfer(), times.getComputeOutput()))
                .allSatisfy(part -> assertThat(part.getCount()).isEqualTo(2));
        assertThat(times.getComputeInfer().getNs()).isPositive();
        assertThat(times.getSuccess().getNs())
                .isEqualTo(times.getQueue().getNs()
                        + times.getComputeInput().getNs()
                        + times.getComputeInfer().getNs()
                        + times.getComputeOutput().getNs());
        assertThat(read.getBatchStatsList()).hasSize(1);
        assertThat(read.getBatchStats(0).getComputeInfer().getCount()).isEqualTo(2);
    }

    @Test
    void withoutANameStatisticsAreThoseOfAllModels() throws Exception {
        runner.serve("one", "1.0.0", OnnxModels.scale(2, 3), Shape.of(3), Shape.of(3));
        runner.serve("two", "1.0.0", OnnxModels.scale(2, 3), Shape.of(3), Shape.of(3));

        assertThat(stub.modelStatistics(ModelStatisticsRequest.getDefaultInstance())
                        .getModelStatsList())
                .extracting(ModelStatistics::getName)
                .containsExactly("one", "two");
        refused(
                Status.Code.NOT_FOUND,
                "no model \"three\"",
                () -> stub.modelStatistics(
                        ModelStatisticsRequest.newBuilder().setName("three").build()));
    }

    @Test
    void theIndexListsWhatServesAndWhyTheRestDoesNot() throws Exception {
        runner.serve("one", "1.0.0", OnnxModels.scale(2, 3), Shape.of(3), Shape.of(3));
        runner.serving().table().slot("late");

        List<ModelIndex> all = stub.repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                .getModelsList();
        List<ModelIndex> ready = stub.repositoryIndex(
                        RepositoryIndexRequest.newBuilder().setReady(true).build())
                .getModelsList();

        assertThat(all).extracting(ModelIndex::getName).containsExactly("late", "one");
        assertThat(all).extracting(ModelIndex::getState).containsExactly("UNAVAILABLE", "READY");
        assertThat(all.get(0).getReason()).isEqualTo("it has not been loaded yet");
        assertThat(all.get(1).getVersion()).isEqualTo("1.0.0");
        assertThat(ready).extracting(ModelIndex::getName).containsExactly("one");
    }

    @Test
    void modelsAreNotLoadedOrUnloadedOverThePort() throws Exception {
        runner.serve("one", "1.0.0", OnnxModels.scale(2, 3), Shape.of(3), Shape.of(3));

        refused(
                Status.Code.FAILED_PRECONDITION,
                "\"one\" is not loaded or unloaded here: which models this runner serves is decided by",
                () -> stub.repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                        .setModelName("one")
                        .build()));
        refused(
                Status.Code.FAILED_PRECONDITION,
                "ModelDeployments",
                () -> stub.repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                        .setModelName("two")
                        .build()));
        assertThat(runner.infer("one", Floats.bytes(1, 2, 3)).getModelVersion()).isEqualTo("1.0.0");
    }

    @Test
    void theConfigurationHasCompleteShapesAndNoBatchDimensionOfItsOwn() throws Exception {
        runner.serve("open", "3.0.0", OnnxModels.identity(1, -1), Shape.of(1, 4), Shape.of(1, -1));

        ModelConfig config = stub.modelConfig(
                        ModelConfigRequest.newBuilder().setName("open").build())
                .getConfig();

        assertThat(config.getPlatform()).isEqualTo("onnxruntime_onnx");
        assertThat(config.getMaxBatchSize()).isZero();
        assertThat(config.getInput(0).getDataType()).isEqualTo(DataType.TYPE_FP32);
        assertThat(config.getInput(0).getDimsList()).containsExactly(1L, -1L);
        assertThat(config.getOutput(0).getDimsList()).containsExactly(1L, -1L);
        assertThat(config.getInstanceGroup(0).getCount()).isEqualTo(1);
        assertThat(config.getParametersOrThrow("digest").getStringValue()).startsWith("sha256:");
        refused(
                Status.Code.NOT_FOUND,
                "version \"9\"",
                () -> stub.modelConfig(ModelConfigRequest.newBuilder()
                        .setName("open")
                        .setVersion("9")
                        .build()));
    }

    @Test
    void traceAndLogSettingsAreUnimplementedAndSaySo() {
        refused(
                Status.Code.UNIMPLEMENTED,
                "no trace settings",
                () -> stub.traceSetting(TraceSettingRequest.getDefaultInstance()));
        refused(
                Status.Code.UNIMPLEMENTED,
                "log settings are made when this runner starts",
                () -> stub.logSettings(LogSettingsRequest.getDefaultInstance()));
    }

    private ModelStatistics statistics(String model) {
        return stub.modelStatistics(
                        ModelStatisticsRequest.newBuilder().setName(model).build())
                .getModelStats(0);
    }

    private static void refused(Status.Code code, String sentence, Runnable call) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call::run)
                .withMessageContaining(sentence)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }
}
