package health.vantage.models.runner.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Ports of the loopback interface for engines. Two engines of this process never get the same; another program may still be faster. */
final class EnginePorts {
    /** How many ports after the first a fixed one may move: two versions run side by side during a swap. */
    private static final int SPREAD = 64;

    private static final int TRIES = 32;
    private static final Set<Integer> TAKEN = new HashSet<>();

    private EnginePorts() {}

    /**
     * @param first 0 for any free one
     * @throws IOException when none is free
     */
    static int take(int first) throws IOException {
        synchronized (TAKEN) {
            int tries = first == 0 ? TRIES : Math.min(SPREAD, 65536 - first);
            for (int i = 0; i < tries; i++) {
                int port = first == 0 ? any() : first + i;
                if (!TAKEN.contains(port) && (first == 0 || free(port))) {
                    TAKEN.add(port);
                    return port;
                }
            }
            throw new IOException(
                    first == 0
                            ? "no port is free"
                            : "none of the ports " + first + " to " + (first + tries - 1) + " is free");
        }
    }

    static void giveBack(int port) {
        synchronized (TAKEN) {
            TAKEN.remove(port);
        }
    }

    private static int any() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
