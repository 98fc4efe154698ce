package health.vantage.models.runner.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;

/** A Unix domain socket for callers on the same node; who may connect is decided by the permissions of its folder. */
final class UnixListener implements AutoCloseable {
    /** sun_path of Linux, its ending zero included: unix(7). */
    private static final int MAX_PATH = 108;

    private final Path path;
    private final EventLoopGroup loops;

    private UnixListener(Path path, EventLoopGroup loops) {
        this.path = path;
        this.loops = loops;
    }

    /** @throws IOException when the path cannot be a socket, or this platform has no epoll */
    static UnixListener at(Path path) throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException("cannot listen on unix:" + path + ": Netty's epoll transport is unavailable: "
                    + Epoll.unavailabilityCause());
        }
        if (path.toString().getBytes(StandardCharsets.UTF_8).length >= MAX_PATH) {
            throw new IOException("cannot listen on unix:" + path + ": Linux takes at most " + (MAX_PATH - 1)
                    + " bytes of path for a socket");
        }
        removeStale(path);
        return new UnixListener(
                path,
                new MultiThreadIoEventLoopGroup(
                        Math.max(1, Runtime.getRuntime().availableProcessors()),
                        new DefaultThreadFactory("grpc-unix", true),
                        EpollIoHandler.newFactory()));
    }

    /** What a process that was killed left behind; anything but a socket is somebody's file and stays. */
    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("cannot listen on unix:" + path + ": there is a file of that name, no socket");
        }
        Files.delete(path);
    }

    NettyServerBuilder builder() {
        return NettyServerBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                // gRPC sets it for every kind of socket; these have none and would warn at each connection.
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops);
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // The next start removes it.
            System.getLogger(UnixListener.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot remove the socket {0}: {1}", path, e.toString());
        }
    }
}
