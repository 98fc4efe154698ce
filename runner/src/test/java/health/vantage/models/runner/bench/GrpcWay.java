package health.vantage.models.runner.bench;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** ModelInfer with raw contents through the generated stubs, all callers on one connection: what a Java client does by default. */
final class GrpcWay implements Way {
    private final String name;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("caller", true), EpollIoHandler.newFactory());
    private final ManagedChannel channel;

    private GrpcWay(String name, SocketAddress address, Class<? extends Channel> type) {
        this.name = name;
        this.channel = NettyChannelBuilder.forAddress(address)
                .eventLoopGroup(loops)
                .channelType(type)
                .usePlaintext()
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .build();
    }

    static GrpcWay tcp(int port) {
        return new GrpcWay(
                "tcp", new InetSocketAddress(InetAddress.getLoopbackAddress(), port), EpollSocketChannel.class);
    }

    static GrpcWay unix(Path socket) {
        return new GrpcWay("uds", new DomainSocketAddress(socket.toFile()), EpollDomainSocketChannel.class);
    }

    @Override
    public String name() {
        return name;
    }

    ManagedChannel channel() {
        return channel;
    }

    @Override
    public Caller caller(Case one) {
        GRPCInferenceServiceBlockingStub stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        ModelInferRequest request = request(one);
        long expected = one.output().bytes();
        return () -> {
            int got = stub.modelInfer(request).getRawOutputContents(0).size();
            if (got != expected) {
                throw new IllegalStateException(one.name() + " answered " + got + " bytes, expected " + expected);
            }
        };
    }

    /** With every input's bytes in the message. */
    private static ModelInferRequest request(Case one) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName(one.name())
                .addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName(one.output().name()));
        for (Case.Input input : one.inputs()) {
            request.addInputs(InferInputTensor.newBuilder()
                            .setName(input.name())
                            .setDatatype(input.type().name())
                            .addAllShape(Arrays.stream(input.shape().toArray())
                                    .boxed()
                                    .toList()))
                    .addRawInputContents(ByteString.copyFrom(input.bytes().duplicate()));
        }
        return request.build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
