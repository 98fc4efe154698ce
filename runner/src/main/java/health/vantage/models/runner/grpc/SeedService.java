package health.vantage.models.runner.grpc;

import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.openinference.FormParameter;
import health.vantage.models.runner.proto.seed.HealthRequest;
import health.vantage.models.runner.proto.seed.HealthResponse;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.serve.Answer;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.InferenceCall.Given;
import health.vantage.models.runner.serve.InferenceCall.OutputChoice;
import health.vantage.models.runner.serve.InferenceCall.Wanted;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.serve.Payload;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** The API of the first runners: one tensor in, one tensor out. */
final class SeedService extends InferenceGrpc.InferenceImplBase {
    /** Request metadata: the input's dimensions where the model leaves some open. */
    static final String SHAPE = "shape";

    /** Request metadata: which output to return. */
    static final String OUTPUT = "output";

    private final ModelTable table;
    private final Inferences inferences;
    private final BooleanSupplier ready;

    SeedService(ModelTable table, Inferences inferences, BooleanSupplier ready) {
        this.table = table;
        this.inferences = inferences;
        this.ready = ready;
    }

    /** This service with {@link #infer(Split, StreamObserver)} in place of the generated method. */
    ServerServiceDefinition define(TensorPool pool, int maxBytes, Executor handlers) {
        SplitMarshaller<InferRequest> requests =
                new SplitMarshaller<>(InferRequest.parser(), InferRequest.INPUT_TENSOR_FIELD_NUMBER, pool, maxBytes);
        return new SplitMethod<>(requests, handlers, _ -> false)
                .unary(
                        bindService(),
                        InferenceGrpc.getInferMethod(),
                        new OutgoingMarshaller<>(InferResponse.OUTPUT_TENSOR_FIELD_NUMBER),
                        this::infer);
    }

    private void infer(Split<InferRequest> split, StreamObserver<Outgoing<InferResponse>> observer) {
        InferRequest request = split.message();
        Reply<Outgoing<InferResponse>> reply = new Reply<>(observer, SeedService::response);
        try {
            Given input = new Given(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.ofNullable(request.getMetadataMap().get(SHAPE)).map(Shape::parse),
                    // The last one counts, as with any field of protobuf; none is an empty one.
                    split.tensors().isEmpty()
                            ? Payload.copyOf(ByteBuffer.allocate(0))
                            : split.tensors().getLast());
            Wanted output = new Wanted(
                    request.getMetadataMap().getOrDefault(OUTPUT, Wanted.FIRST),
                    FormParameter.ofTexts(request.getMetadataMap()),
                    Optional.empty());
            inferences.submit(
                    new InferenceCall(
                            request.getModelName(),
                            List.of(input),
                            List.of(output),
                            OutputChoice.FIRST,
                            reply.cancellation()),
                    reply);
        } catch (Refusal refusal) {
            reply.refuse(refusal);
        } catch (IllegalArgumentException e) {
            reply.refuse(new Refusal(Refusal.Kind.INVALID, "request metadata \"" + SHAPE + "\": " + e.getMessage()));
        } finally {
            split.close();
        }
    }

    private static Outgoing<InferResponse> response(Answer answer) {
        InferResponse message = InferResponse.newBuilder()
                .setLatencyMs(answer.inModel().toNanos() / 1e6f)
                .setModelVersion(answer.version())
                .build();
        return new Outgoing<>(message, List.of(Reply.bytes(answer.outputs().getFirst())));
    }

    @Override
    public void health(HealthRequest request, StreamObserver<HealthResponse> observer) {
        observer.onNext(health(request.getModelName()));
        observer.onCompleted();
    }

    private HealthResponse health(String model) {
        if (model.isEmpty()) {
            boolean up = ready.getAsBoolean();
            return HealthResponse.newBuilder()
                    .setReady(up)
                    .setMessage(up ? "serving " + table.names() : "starting or stopping")
                    .build();
        }
        Optional<ModelSlot> slot = table.find(model).map(lane -> lane.slot());
        Optional<ServedVersion> active = slot.flatMap(ModelSlot::active);
        return HealthResponse.newBuilder()
                .setReady(slot.filter(ModelSlot::answers).isPresent())
                .setMessage(active.map(version -> version.trouble().orElse("serving " + version))
                        .or(() -> slot.map(ModelSlot::whyNot))
                        .orElseGet(() -> "no model \"" + model + "\" on this runner; it serves " + table.names()))
                .setModelVersion(
                        active.map(version -> version.contract().version()).orElse(""))
                .build();
    }
}
