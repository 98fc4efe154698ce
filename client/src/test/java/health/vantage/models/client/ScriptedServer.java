package health.vantage.models.client;

import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A gRPC server that fails as told, over a real connection. A real runner cannot be told to fail twice and answer then; what can be had
 * from a real one is tested there, in the runner's own tests.
 */
final class ScriptedServer extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase implements AutoCloseable {
    /** Answers attempt number {@code attempt}, from 1. */
    interface Script {
        void play(int attempt, ModelInferRequest request, StreamObserver<ModelInferResponse> answer);
    }

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Script script;
    private final AtomicInteger attempts = new AtomicInteger();
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final Server server;

    ScriptedServer(Script script) throws IOException {
        this(InsecureServerCredentials.create(), script);
    }

    ScriptedServer(ServerCredentials credentials, Script script) throws IOException {
        this.script = script;
        this.server = Grpc.newServerBuilderForPort(0, credentials)
                .addService(this)
                .intercept(new ServerInterceptor() {
                    @Override
                    public <Q, A> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                        String token = headers.get(AUTHORIZATION);
                        if (token != null) {
                            tokens.add(token);
                        }
                        return Contexts.interceptCall(Context.current(), call, headers, next);
                    }
                })
                .build()
                .start();
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
        ((ServerCallStreamObserver<ModelInferResponse>) answer).setOnCancelHandler(cancelled::countDown);
        script.play(attempts.incrementAndGet(), request, answer);
    }

    static void echo(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
        answer.onNext(ModelInferResponse.newBuilder()
                .setModelName(request.getModelName())
                .setModelVersion("1.0.0")
                .setId(request.getId())
                .addOutputs(ModelInferResponse.InferOutputTensor.newBuilder()
                        .setName("y")
                        .setDatatype(request.getInputs(0).getDatatype())
                        .addAllShape(request.getInputs(0).getShapeList()))
                .addRawOutputContents(request.getRawInputContents(0))
                .build());
        answer.onCompleted();
    }

    String target() {
        return "localhost:" + server.getPort();
    }

    int attempts() {
        return attempts.get();
    }

    /** The {@code authorization} of each call that had one. */
    List<String> tokens() {
        return tokens;
    }

    /** Open until a call was cancelled. */
    CountDownLatch cancelled() {
        return cancelled;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
