package health.vantage.models.system.harness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of 127.0.0.1 that stay ours: below the range from which the system takes the ports of outgoing
 * connections, so that a server that is stopped for a while finds its port free again. Test processes that run beside each other
 * ({@code vantage.fork}, 1 and up) have ranges of their own.
 */
public final class LoopbackPort {
    private static final int RANGES = 4;
    private static final int RANGE = 4_250;
    private static final int LOWEST = 15_000 + Integer.getInteger("vantage.fork", 1) % RANGES * RANGE;
    private static final int HIGHEST = LOWEST + RANGE;
    private static final int TRIES = 1_000;
    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private LoopbackPort() {}

    /** A port on which nobody listens and that was not given out before. */
    public static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port) && GIVEN.add(port)) {
                return port;
            }
        }
        throw new IllegalStateException("No free port between " + LOWEST + " and " + HIGHEST + " in " + TRIES
                + " tries: end what listens there.");
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }
}
