package health.vantage.models.system.world;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.util.concurrent.TimeUnit;

/** Asks one runner for masks, with the seed API. */
public final class MaskClient implements AutoCloseable {
    private static final int LARGEST = 64 << 20;
    private static final long DEADLINE_SECONDS = 20;

    private final ManagedChannel channel;
    private final String model;

    public MaskClient(int port, String model) {
        this.channel = ManagedChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .maxInboundMessageSize(LARGEST)
                .build();
        this.model = model;
    }

    /** A mask and who made it. */
    public record Answer(Mask mask, String version, float latencyMs) {}

    /** @throws io.grpc.StatusRuntimeException as the runner says */
    public Answer ask(TextPicture picture) {
        InferResponse response = InferenceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .infer(InferRequest.newBuilder()
                        .setModelName(model)
                        .setInputTensor(ByteString.copyFrom(picture.tensor()))
                        .putMetadata("shape", picture.shape())
                        .build());
        return new Answer(
                new Mask(response.getOutputTensor().toByteArray(), picture.height(), picture.width()),
                response.getModelVersion(),
                response.getLatencyMs());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
