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

    /** Only where the same bytes go there and back, and few: of a large tensor it would measure copying. */
    @Override
    public boolean takes(Case one) {
        long in = one.inputs().stream()
                .mapToLong(input -> input.bytes().capacity())
                .sum();
        return in == one.output().bytes() && in <= LARGEST;
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
