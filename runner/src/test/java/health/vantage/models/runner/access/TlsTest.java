package health.vantage.models.runner.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.TestCa;
import health.vantage.models.runner.samples.TestCa.Issued;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates by openssl, mounted as a Kubernetes Secret is; real connections. */
final class TlsTest {
    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final Shape THREE = Shape.of(1, 3);

    @TempDir
    Path folder;

    private final List<ManagedChannel> channels = new ArrayList<>();
    private TestCa ca;
    private SecretFolder secret;

    @BeforeEach
    void issue() throws IOException {
        ca = TestCa.create(folder, "clinic-ca");
        secret = new SecretFolder(Files.createDirectories(folder.resolve("secret")));
        mount(ca.server());
    }

    @AfterEach
    void hangUp() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void bothPortsSpeakTlsAndNothingElse() throws Exception {
        try (RunnerUnderTest runner = serving(Optional.empty())) {
            assertThat(infer(channel(runner, Optional.empty()))).containsExactly(2, 4, 6);
            assertThat(get(runner, "/healthz/ready").body()).isEqualTo("ready\n");
            assertThat(get(runner, "/metrics").body()).contains("vantage_certificate_expiry_seconds");

            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> infer(runner.channel()))
                    .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
        }
    }

    @Test
    void nothingOlderThanTls12IsSpoken() throws Exception {
        try (RunnerUnderTest runner = serving(Optional.empty())) {
            for (int port :
                    List.of(runner.serving().grpcPort(), runner.serving().httpPort())) {
                assertThat(handshake(port, "-tls1_3").exit()).isZero();
                assertThat(handshake(port, "-tls1_2").exit()).isZero();
                assertThat(handshake(port, "-tls1_1").exit()).isNotZero();
                assertThat(handshake(port, "-tls1").exit()).isNotZero();
            }
        }
    }

    @Test
    void aRenewedCertificateIsShownToNewConnectionsAndOpenOnesGoOn() throws Exception {
        try (RunnerUnderTest runner = serving(Optional.empty())) {
            ManagedChannel open = channel(runner, Optional.empty());
            Watched watched = new Watched();
            HealthGrpc.newStub(open)
                    .watch(HealthCheckRequest.newBuilder().setService("doubler").build(), watched);
            await().until(() -> watched.statuses.contains(ServingStatus.SERVING));
            String before = serial(runner);

            mount(ca.server());
            await().until(() -> !serial(runner).equals(before));

            runner.serving().remove("doubler", "to be seen by who watches");
            await().until(() -> watched.statuses.contains(ServingStatus.SERVICE_UNKNOWN));
            assertThat(watched.errors).isEmpty();
            serveDoubler(runner);
            assertThat(infer(open)).containsExactly(2, 4, 6);
            assertThat(infer(channel(runner, Optional.empty()))).containsExactly(2, 4, 6);
            assertThat(runner.serving().metrics())
                    .contains("vantage_files_reloads_total{files=\"certificates\",outcome=\"taken\"} 2.0");
        }
    }

    @Test
    void aBadNewCertificateLeavesTheGoodOneInUseAndSaysSo() throws Exception {
        Issued good = ca.server();
        mount(good);
        Path garbage = Files.writeString(folder.resolve("garbage"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        try (RunnerUnderTest runner = serving(Optional.empty())) {
            String before = serial(runner);
            List<Issued> bad = List.of(
                    new Issued(good.certificate(), ca.server().key()),
                    ca.issue("expired", "DNS:localhost", -1),
                    new Issued(garbage, good.key()),
                    new Issued(good.certificate(), garbage));
            for (int i = 0; i < bad.size(); i++) {
                int refused = i + 1;
                mount(bad.get(i));
                await().untilAsserted(() -> assertThat(runner.serving().metrics())
                        .contains(
                                "vantage_files_reloads_total{files=\"certificates\",outcome=\"refused\"} " + refused
                                        + ".0",
                                "vantage_files_stale{files=\"certificates\"} 1.0"));
                assertThat(serial(runner)).isEqualTo(before);
            }

            mount(ca.server());
            await().until(() -> !serial(runner).equals(before));
            assertThat(runner.serving().metrics()).contains("vantage_files_stale{files=\"certificates\"} 0.0");
        }
    }

    @Test
    void onlyClientsOfTheCaGetInAndTheirCertificateNamesThem() throws Exception {
        TestCa other = TestCa.create(folder, "other-ca");
        try (RunnerUnderTest runner = serving(Optional.of(ca.certificate()))) {
            Issued known = ca.issue("scanner", "URI:spiffe://clinic/scanner-3", 1);

            assertThat(infer(channel(runner, Optional.of(known)))).containsExactly(2, 4, 6);
            assertThat(runner.serving().metrics())
                    .contains(
                            "vantage_client_calls_total{client=\"spiffe://clinic/scanner-3\",outcome=\"admitted\"} 1.0");
            assertDoesNotGetIn(runner, Optional.empty());
            assertDoesNotGetIn(runner, Optional.of(other.issue("stranger", "", 1)));
            assertDoesNotGetIn(runner, Optional.of(ca.issue("expired", "", -1)));
        }
    }

    @Test
    void theKubeletsProbesNeedNoClientCertificate() throws Exception {
        try (RunnerUnderTest runner = serving(Optional.of(ca.certificate()))) {
            assertThat(get(runner, "/healthz/live").statusCode()).isEqualTo(200);
            assertThat(get(runner, "/healthz/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aNewClientCaIsTrustedWithoutARestart() throws Exception {
        TestCa next = TestCa.create(folder, "next-ca");
        Path trusted = Files.copy(ca.certificate(), folder.resolve("client-ca.crt"));
        Issued client = next.issue("scanner", "", 1);
        try (RunnerUnderTest runner = serving(Optional.of(trusted))) {
            assertDoesNotGetIn(runner, Optional.of(client));

            Files.writeString(trusted, Files.readString(ca.certificate()) + Files.readString(next.certificate()));

            await().untilAsserted(() ->
                    assertThat(infer(channel(runner, Optional.of(client)))).containsExactly(2, 4, 6));
        }
    }

    @Test
    void aStartWithoutAUsableCertificateFailsAndNamesTheFiles() {
        Path missing = folder.resolve("missing.crt");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RunnerUnderTest(
                        folder, options(new TlsFiles(missing, secret.file("tls.key"), Optional.empty()))))
                .withMessageContaining("the certificates cannot be used")
                .withMessageContaining(missing.toString());
    }

    private void mount(Issued identity) {
        secret.put(Map.of("tls.crt", identity.certificate(), "tls.key", identity.key()));
    }

    private RunnerUnderTest serving(Optional<Path> clientCa) throws Exception {
        RunnerUnderTest runner = new RunnerUnderTest(
                folder, options(new TlsFiles(secret.file("tls.crt"), secret.file("tls.key"), clientCa)));
        serveDoubler(runner);
        return runner;
    }

    private static AccessOptions options(TlsFiles files) {
        return new AccessOptions(Optional.of(files), Optional.empty(), ClientLimits.NONE, OFTEN);
    }

    private static void serveDoubler(RunnerUnderTest runner) throws Exception {
        runner.serve("doubler", "1", OnnxModels.scale(2, 1, 3), THREE, THREE);
    }

    private ManagedChannel channel(RunnerUnderTest runner, Optional<Issued> identity) throws IOException {
        TlsChannelCredentials.Builder credentials =
                TlsChannelCredentials.newBuilder().trustManager(ca.certificate().toFile());
        if (identity.isPresent()) {
            credentials.keyManager(
                    identity.get().certificate().toFile(), identity.get().key().toFile());
        }
        ManagedChannel channel = Grpc.newChannelBuilder(
                        "localhost:" + runner.serving().grpcPort(), credentials.build())
                .build();
        channels.add(channel);
        return channel;
    }

    private static float[] infer(ManagedChannel channel) {
        return Floats.of(InferenceGrpc.newBlockingStub(channel)
                .infer(RunnerUnderTest.request("doubler", Floats.bytes(1, 2, 3), Map.of()))
                .getOutputTensor());
    }

    private void assertDoesNotGetIn(RunnerUnderTest runner, Optional<Issued> identity) throws IOException {
        ManagedChannel channel = channel(runner, identity);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> infer(channel))
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    private HttpResponse<String> get(RunnerUnderTest runner, String path) throws Exception {
        // As the kubelet, which does not check the certificate of what it probes.
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new TrustsAll()}, null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "https://localhost:" + runner.serving().httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private String serial(RunnerUnderTest runner) {
        String certificate = handshake(runner.serving().grpcPort(), "-tls1_3").output();
        Path file = folder.resolve("shown.crt");
        try {
            Files.writeString(file, certificate);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return TestCa.openssl(List.of("x509", "-in", file.toString(), "-noout", "-serial"));
    }

    private TestCa.Outcome handshake(int port, String version) {
        return TestCa.tryOpenssl(List.of(
                "s_client",
                "-connect",
                "localhost:" + port,
                version,
                "-cipher",
                "DEFAULT@SECLEVEL=0",
                "-alpn",
                "h2,http/1.1",
                "-verify_return_error",
                "-CAfile",
                ca.certificate().toString()));
    }

    private static final class TrustsAll extends javax.net.ssl.X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(
                java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(
                java.security.cert.X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public void checkServerTrusted(
                java.security.cert.X509Certificate[] chain, String type, javax.net.ssl.SSLEngine engine) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }

    private static final class Watched implements StreamObserver<HealthCheckResponse> {
        final Queue<ServingStatus> statuses = new ConcurrentLinkedQueue<>();
        final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();

        @Override
        public void onNext(HealthCheckResponse response) {
            statuses.add(response.getStatus());
        }

        @Override
        public void onError(Throwable failure) {
            errors.add(failure);
        }

        @Override
        public void onCompleted() {}
    }
}
