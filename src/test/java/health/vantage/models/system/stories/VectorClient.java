package health.vantage.models.system.stories;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.system.harness.Await;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks one runner with FP32 vectors of {@value #LENGTH} elements, as the stories' models take them. */
final class VectorClient implements AutoCloseable {
    static final int LENGTH = 4;

    private static final long DEADLINE_SECONDS = 20;
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(5);

    private final ManagedChannel channel;
    private final String model;

    VectorClient(int port, String model) {
        this.channel = ManagedChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .build();
        this.model = model;
    }

    /** @param y the first element of the answer; all are the same */
    record Answer(float y, String version) {}

    /** @throws StatusRuntimeException as the runner says */
    Answer ask(float x) {
        ByteBuffer input = ByteBuffer.allocate(LENGTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (input.hasRemaining()) {
            input.putFloat(x);
        }
        InferResponse response = send(input.array());
        ByteBuffer output = response.getOutputTensor().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        return new Answer(output.getFloat(), response.getModelVersion());
    }

    InferResponse send(byte[] tensor) {
        return InferenceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .infer(InferRequest.newBuilder()
                        .setModelName(model)
                        .setInputTensor(ByteString.copyFrom(tensor))
                        .build());
    }

    /** One question of a load: the version that answered. Paced, for everything shares this machine. */
    String versionFor(float x) {
        LockSupport.parkNanos(BETWEEN_QUESTIONS.toNanos());
        return ask(x).version();
    }

    /** Returns when this version answers. */
    void awaitVersion(String version, Duration limit) {
        Await.until(
                "version " + version + " of " + model + " answers",
                limit,
                () -> said(0).equals(version),
                () -> said(0));
    }

    /** The version that answers, or why none does. */
    String said(float x) {
        try {
            return ask(x).version();
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() + ": " + e.getStatus().getDescription();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
