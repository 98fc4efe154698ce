package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The cable between one node and the API server: the pods of the node reach it through a port of the node's own, which can
 * be cut while the others go on.
 */
final class NodeUplink implements AutoCloseable {
    private final InetSocketAddress target;
    private final int port = LoopbackPort.free();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;

    /** @param apiServer such as {@code https://127.0.0.1:20443} */
    NodeUplink(String apiServer) {
        URI url = URI.create(apiServer);
        int port = url.getPort() > 0 ? url.getPort() : 443;
        this.target = new InetSocketAddress(url.getHost(), port);
        restore();
    }

    String url() {
        return "https://127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    /** Every connection breaks and no new one is made. */
    synchronized void cut() {
        if (listener == null) {
            return;
        }
        closeQuietly(listener);
        listener = null;
        open.forEach(NodeUplink::closeQuietly);
        open.clear();
    }

    /** Connections can be made again. */
    synchronized void restore() {
        if (listener != null) {
            return;
        }
        try {
            var socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            listener = socket;
            Thread.ofVirtual().name("uplink-" + port).start(() -> accept(socket));
        } catch (IOException e) {
            throw new UncheckedIOException("The node's own way to the API server cannot listen on port " + port, e);
        }
    }

    @Override
    public void close() {
        cut();
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> connect(client, socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void connect(Socket client, ServerSocket through) {
        var server = new Socket();
        open.add(client);
        open.add(server);
        try {
            if (through.isClosed()) {
                throw new IOException("cut meanwhile");
            }
            server.connect(target, 5_000);
            server.setTcpNoDelay(true);
            client.setTcpNoDelay(true);
            Thread back = Thread.ofVirtual().start(() -> pump(server, client));
            pump(client, server);
            back.join();
        } catch (IOException | InterruptedException apiServerAway) {
            // The caller sees a closed connection, as it would without a forwarder.
        } finally {
            closeQuietly(client);
            closeQuietly(server);
            open.remove(client);
            open.remove(server);
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException broken) {
            // Either side may break; both are closed then.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private static void closeQuietly(java.io.Closeable socket) {
        try {
            socket.close();
        } catch (IOException alreadyBroken) {
            // Closed is all that is wanted.
        }
    }
}
