package health.vantage.models.runner.bench;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The least that a unary call of grpc-java takes on this machine: bytes that the event loop itself sends back, without a model, a queue, a check
 * or a thread between. What the runner takes beyond it is the runner's own.
 */
final class Echo implements AutoCloseable {
    private static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("bench.Echo/Echo")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("echo", true), EpollIoHandler.newFactory());
    private final Server server;

    private Echo(Path socket) throws IOException {
        server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .addService(ServerServiceDefinition.builder("bench.Echo")
                        .addMethod(METHOD, ServerCalls.asyncUnaryCall((bytes, observer) -> {
                            observer.onNext(bytes);
                            observer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    static Echo on(Path socket) throws IOException {
        return new Echo(socket);
    }

    static Way.Caller caller(ManagedChannel channel, int size) {
        byte[] request = new byte[size];
        return () -> {
            int got = ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, request).length;
            if (got != size) {
                throw new IllegalStateException("an echo of " + size + " bytes had " + got);
            }
        };
    }

    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException("gRPC could not read its own buffers", e);
            }
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
