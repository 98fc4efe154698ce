package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose handlers do nothing until the test lets them: what is answered meanwhile never needed them. */
@Timeout(60)
final class CallThreadsTest {
    private static final int LIMIT = 8 << 20;
    private static final ByteString SMALL = ByteString.copyFrom(new byte[64]);
    private static final ByteString LARGE = ByteString.copyFrom(new byte[4 << 20]);

    private final TensorPool pool = new TensorPool(LIMIT);
    private final LinkedBlockingQueue<Runnable> handlers = new LinkedBlockingQueue<>();
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void listen() throws Exception {
        SplitMarshaller<InferRequest> requests =
                new SplitMarshaller<>(InferRequest.parser(), InferRequest.INPUT_TENSOR_FIELD_NUMBER, pool, LIMIT);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .callExecutor(
                        new CallThreads(Set.of(InferenceGrpc.getInferMethod().getFullMethodName()), handlers::add))
                .maxInboundMessageSize(LIMIT)
                .addService(new SplitMethod<>(requests, handlers::add, request -> request.getModelName()
                                .equals("slow"))
                        .unary(
                                new InferenceGrpc.InferenceImplBase() {}.bindService(),
                                InferenceGrpc.getInferMethod(),
                                new OutgoingMarshaller<>(InferResponse.OUTPUT_TENSOR_FIELD_NUMBER),
                                CallThreadsTest::answer))
                .build()
                .start();
        channel = Grpc.newChannelBuilder("localhost:" + server.getPort(), InsecureChannelCredentials.create())
                .build();
    }

    @AfterEach
    void nothingIsLeftLent() throws Exception {
        channel.shutdownNow();
        server.shutdownNow().awaitTermination();
        handlers.forEach(Runnable::run);
        await().until(() -> pool.lentBytes() == 0);
    }

    /** With the thread's name, and a byte for each KiB that came. */
    private static void answer(Split<InferRequest> split, StreamObserver<Outgoing<InferResponse>> observer) {
        int size = split.tensors().getFirst().size();
        observer.onNext(new Outgoing<>(
                InferResponse.newBuilder()
                        .setModelVersion(Thread.currentThread().getName())
                        .build(),
                List.of(ByteBuffer.allocate(size >> 10))));
        observer.onCompleted();
    }

    @Test
    void aSmallRequestNeedsNoThreadButTheEventLoop() {
        assertThat(ask(SMALL).getModelVersion()).startsWith("grpc-default-worker");
        assertThat(handlers).isEmpty();
    }

    @Test
    void aLargeRequestHoldsUpNobody() throws Exception {
        ListenableFuture<InferResponse> large =
                InferenceGrpc.newFutureStub(channel).infer(request("large", LARGE));
        Runnable first = handlers.take();

        for (int i = 0; i < 100; i++) {
            ask(SMALL);
        }
        assertThat(large.isDone()).isFalse();
        // The last small one's memory goes back when its call has ended, which its caller hears a little earlier.
        await("the large one is not even read").until(() -> pool.lentBytes() == 0);

        letGo(first);
        InferResponse answer = large.get();
        assertThat(answer.getModelVersion()).isEqualTo(Thread.currentThread().getName());
        assertThat(answer.getOutputTensor().size()).isEqualTo(LARGE.size() >> 10);
    }

    @Test
    void aSmallRequestThatTakesLongIsHandedOverToo() throws Exception {
        ListenableFuture<InferResponse> slow =
                InferenceGrpc.newFutureStub(channel).infer(request("slow", SMALL));
        letGo(handlers.take());

        assertThat(slow.get().getModelVersion())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void aCompressedRequestIsUnpackedByAHandler() throws Exception {
        ListenableFuture<InferResponse> packed =
                InferenceGrpc.newFutureStub(channel).withCompression("gzip").infer(request("packed", LARGE));
        letGo(handlers.take());

        assertThat(packed.get().getModelVersion())
                .isEqualTo(Thread.currentThread().getName());
        assertThat(packed.get().getOutputTensor().size()).isEqualTo(LARGE.size() >> 10);
    }

    @Test
    void aCallThatEndsBeforeItsLargeRequestIsReadFreesIt() throws Exception {
        ListenableFuture<InferResponse> large =
                InferenceGrpc.newFutureStub(channel).infer(request("large", LARGE));
        Runnable first = handlers.take();
        large.cancel(true);

        letGo(first);

        ask(SMALL);
        await().until(() -> pool.lentBytes() == 0);
    }

    @Test
    void aLargeRequestThatIsNoMessageIsRefused() throws Exception {
        var raw = InferenceGrpc.getInferMethod().toBuilder(
                        new Raw(), InferenceGrpc.getInferMethod().getResponseMarshaller())
                .build();
        ListenableFuture<InferResponse> garbled =
                ClientCalls.futureUnaryCall(channel.newCall(raw, CallOptions.DEFAULT), new byte[1 << 20]);
        letGo(handlers.take());

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(garbled::get)
                .withCauseInstanceOf(StatusRuntimeException.class)
                .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .withMessageContaining("not a well-formed message");
    }

    /** Runs it and all that follows it, on this thread. */
    private void letGo(Runnable first) throws InterruptedException {
        for (Runnable next = first; next != null; next = handlers.poll(200, TimeUnit.MILLISECONDS)) {
            next.run();
        }
    }

    private InferResponse ask(ByteString tensor) {
        return InferenceGrpc.newBlockingStub(channel).infer(request("small", tensor));
    }

    private static InferRequest request(String model, ByteString tensor) {
        return InferRequest.newBuilder()
                .setModelName(model)
                .setInputTensor(tensor)
                .build();
    }

    /** Bytes as they are. */
    private static final class Raw implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            throw new UnsupportedOperationException("it is only sent");
        }
    }
}
