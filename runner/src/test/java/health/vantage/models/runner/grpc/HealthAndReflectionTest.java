package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HealthAndReflectionTest {
    @TempDir
    Path folder;

    private RunnerUnderTest runner;

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
    }

    @AfterEach
    void stop() {
        runner.close();
    }

    @Test
    void checkTellsOfTheRunnerAndOfEachModel() throws Exception {
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 4), Shape.of(4), Shape.of(4));

        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("doubler")).isEqualTo(ServingStatus.SERVING);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> check("none"))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void watchTellsOfEveryChangeOfAModelAndOfTheEnd() throws Exception {
        Received<HealthCheckResponse> seen = new Received<>();
        HealthGrpc.newStub(runner.channel()).watch(request("doubler"), seen);
        assertThat(seen.next().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);

        var slot = runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 4), Shape.of(4), Shape.of(4));
        assertThat(seen.next().getStatus()).isEqualTo(ServingStatus.SERVING);

        slot.deactivate("it was turned back");
        runner.serving().announce(slot);
        assertThat(seen.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);

        runner.serving().remove("doubler", "it was removed");
        assertThat(seen.next().getStatus()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);
    }

    @Test
    void reflectionListsEveryServiceAndDescribesTheSeedApi() throws Exception {
        Received<ServerReflectionResponse> seen = new Received<>();
        StreamObserver<ServerReflectionRequest> ask =
                ServerReflectionGrpc.newStub(runner.channel()).serverReflectionInfo(seen);

        ask.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        assertThat(seen.next().getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains("Inference", "inference.GRPCInferenceService", "grpc.health.v1.Health");

        ask.onNext(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol("Inference")
                .build());
        assertThat(seen.next().getFileDescriptorResponse().getFileDescriptorProtoList())
                .isNotEmpty();
        ask.onCompleted();
    }

    private ServingStatus check(String service) {
        return HealthGrpc.newBlockingStub(runner.channel())
                .check(request(service))
                .getStatus();
    }

    private static HealthCheckRequest request(String service) {
        return HealthCheckRequest.newBuilder().setService(service).build();
    }

    private static final class Received<T> implements StreamObserver<T> {
        private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();

        T next() throws InterruptedException {
            T message = messages.poll(10, TimeUnit.SECONDS);
            assertThat(message).as("a message within 10 s").isNotNull();
            return message;
        }

        @Override
        public void onNext(T message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            // The channel ends with the test.
        }

        @Override
        public void onCompleted() {}
    }
}
