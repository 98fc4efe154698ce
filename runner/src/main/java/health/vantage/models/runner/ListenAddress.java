package health.vantage.models.runner;

import java.net.InetSocketAddress;

/** {@code host:port}, or {@code :port} for every address. */
final class ListenAddress {
    private ListenAddress() {}

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
