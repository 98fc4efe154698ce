package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What a probe asks, aimed at the port of 127.0.0.1 that stands for the container's. */
sealed interface ProbeTarget {
    /** Whether the answer is good. */
    boolean check(Duration timeout);

    record Http(int port, String path) implements ProbeTarget {
        private static final HttpClient CLIENT = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .build();

        @Override
        public boolean check(Duration timeout) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(timeout)
                    .build();
            try {
                int status = CLIENT.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                return status >= 200 && status < 400;
            } catch (IOException notListening) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    record GrpcHealth(int port, String service) implements ProbeTarget {
        @Override
        public boolean check(Duration timeout) {
            var channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                    .build();
            try {
                var answer = HealthGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                        .check(HealthCheckRequest.newBuilder()
                                .setService(service)
                                .build());
                return answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING;
            } catch (StatusRuntimeException notServing) {
                return false;
            } finally {
                channel.shutdownNow();
            }
        }
    }

    record Tcp(int port) implements ProbeTarget {
        @Override
        public boolean check(Duration timeout) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), (int) timeout.toMillis());
                return true;
            } catch (IOException notListening) {
                return false;
            }
        }
    }

    /**
     * The target of a probe.
     *
     * @throws CannotStart when it is of a kind that is not known here
     */
    static ProbeTarget of(Probe probe, Container container, Map<Integer, Integer> ports) {
        if (probe.getHttpGet() != null) {
            var http = probe.getHttpGet();
            return new Http(local(http.getPort(), container, ports), Objects.requireNonNullElse(http.getPath(), "/"));
        }
        if (probe.getGrpc() != null) {
            int port = ports.getOrDefault(
                    probe.getGrpc().getPort(), probe.getGrpc().getPort());
            return new GrpcHealth(
                    port, Objects.requireNonNullElse(probe.getGrpc().getService(), ""));
        }
        if (probe.getTcpSocket() != null) {
            return new Tcp(local(probe.getTcpSocket().getPort(), container, ports));
        }
        throw new CannotStart(
                "CreateContainerError",
                "The stand-in kubelet probes by httpGet, grpc and tcpSocket; container " + container.getName()
                        + " asks for another kind (a server before 1.24 drops grpc probes).");
    }

    private static int local(IntOrString named, Container container, Map<Integer, Integer> ports) {
        int port = named.getIntVal() != null
                ? named.getIntVal()
                : container.getPorts().stream()
                        .filter(known -> named.getStrVal().equals(known.getName()))
                        .map(ContainerPort::getContainerPort)
                        .findFirst()
                        .orElseThrow(() -> new CannotStart(
                                "CreateContainerError",
                                "Container " + container.getName() + " has no port named " + named.getStrVal()));
        return ports.getOrDefault(port, port);
    }
}
