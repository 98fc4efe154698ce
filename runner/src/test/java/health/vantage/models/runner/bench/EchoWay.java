package health.vantage.models.runner.bench;

import java.nio.file.Path;

/** {@link Echo} over a Unix socket, with as many bytes as the case's output has. */
final class EchoWay implements Way {
    private static final long LARGEST = 1024;

    private final GrpcWay unix;

    EchoWay(Path socket) {
        this.unix = GrpcWay.unix(socket);
    }

    @Override
    public String name() {
        return "echo";
    }

    /** Only beside a small tensor: of a large one it would measure copying. */
    @Override
    public boolean takes(Case one) {
        return one.output().bytes() <= LARGEST;
    }

    @Override
    public Caller caller(Case one) {
        return Echo.caller(unix.channel(), Math.toIntExact(one.output().bytes()));
    }

    @Override
    public void close() {
        unix.close();
    }
}
