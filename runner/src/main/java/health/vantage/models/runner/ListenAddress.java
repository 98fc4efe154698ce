package health.vantage.models.runner;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code host:port}, or {@code :port} for every address. */
final class ListenAddress {
    private static final String UNIX = "unix:";

    private ListenAddress() {}

    /**
     * The TCP address among those given; the default port where there is none.
     *
     * @throws IllegalArgumentException for several
     */
    static InetSocketAddress tcp(List<String> texts, int port) {
        List<String> given = texts.stream()
                .filter(text -> !text.isBlank() && !text.startsWith(UNIX))
                .toList();
        if (given.size() > 1) {
            throw new IllegalArgumentException(given + ": one address and port can be listened on, beside unix:/path");
        }
        return parse(given.isEmpty() ? "" : given.getFirst(), port);
    }

    /**
     * The path of {@code unix:/path} among those given.
     *
     * @throws IllegalArgumentException for several, or a relative one
     */
    static Optional<Path> unix(List<String> texts) {
        List<Path> given = texts.stream()
                .filter(text -> text.startsWith(UNIX))
                .map(text -> Path.of(text.substring(UNIX.length())))
                .toList();
        if (given.size() > 1 || !given.stream().allMatch(Path::isAbsolute)) {
            throw new IllegalArgumentException(
                    texts + ": write one absolute path for the socket, such as unix:/run/vantage/runner.sock");
        }
        return given.stream().findFirst();
    }

    /**
     * @param text empty for every address and {@code port}
     * @throws IllegalArgumentException when it has no port
     */
    static InetSocketAddress parse(String text, int port) {
        if (text.isBlank()) {
            return new InetSocketAddress(port);
        }
        int colon = text.lastIndexOf(':');
        try {
            int given = Integer.parseInt(text.substring(colon + 1));
            String host = text.substring(0, Math.max(0, colon));
            return host.isEmpty() ? new InetSocketAddress(given) : new InetSocketAddress(host, given);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no address to listen on; write :50051 or 127.0.0.1:50051", e);
        }
    }
}
