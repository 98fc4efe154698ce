package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.ModelMetadataRequest;
import health.vantage.models.runner.proto.v2.ModelReadyRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One model of a runner. */
public final class ModelClient {
    private final RunnerClient runner;
    private final String name;

    ModelClient(RunnerClient runner, String name) {
        this.runner = runner;
        this.name = name;
    }

    /** All outputs for these inputs. @throws RunnerException when there is no answer */
    public Inference infer(Tensor... inputs) {
        return infer(InferenceRequest.of(inputs));
    }

    /** @throws RunnerException when there is no answer */
    public Inference infer(InferenceRequest request) {
        return RunnerClient.now(inferAsync(request));
    }

    public CompletableFuture<Inference> inferAsync(Tensor... inputs) {
        return inferAsync(InferenceRequest.of(inputs));
    }

    /** Fails with a {@link RunnerException}. Cancelling it stops the run on the runner. */
    public CompletableFuture<Inference> inferAsync(InferenceRequest request) {
        Duration atMost = request.deadline().orElseGet(runner::deadline);
        return runner.shared()
                .map(shared -> shared.infer(name, request, atMost, left -> inline(request, left)))
                .orElseGet(() -> inline(request, atMost));
    }

    private CompletableFuture<Inference> inline(InferenceRequest request, Duration atMost) {
        var message = Messages.request(name, request);
        return Following.map(
                runner.call("model " + name, atMost, stub -> stub.modelInfer(message)),
                answer -> Messages.answer(answer, Optional.empty()));
    }

    /** Many requests over one call, answered in their order. */
    public InferenceStream stream() {
        return runner.stream(name);
    }

    /** Whether it answers now. @throws RunnerException when the runner does not */
    public boolean ready() {
        ModelReadyRequest request = ModelReadyRequest.newBuilder().setName(name).build();
        return RunnerClient.now(runner.call("ready of model " + name, stub -> stub.modelReady(request)))
                .getReady();
    }

    /** @throws RunnerException when there is no such model, or it is not ready */
    public ModelDescription describe() {
        ModelMetadataRequest request =
                ModelMetadataRequest.newBuilder().setName(name).build();
        return ModelDescription.of(
                RunnerClient.now(runner.call("metadata of model " + name, stub -> stub.modelMetadata(request))));
    }
}
