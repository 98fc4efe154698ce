package health.vantage.models.runner.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.client.RetryPolicy;
import health.vantage.models.client.RunnerClient;
import health.vantage.models.client.RunnerClientBuilder;
import health.vantage.models.client.RunnerException;
import health.vantage.models.client.RunnerException.Kind;
import health.vantage.models.client.Tensor;
import health.vantage.models.client.Tls;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.access.AccessOptions;
import health.vantage.models.runner.access.ClientLimits;
import health.vantage.models.runner.access.TlsFiles;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.samples.TestCa;
import health.vantage.models.runner.samples.TestCa.Issued;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java client and a real runner that asks who is there. */
@Timeout(120)
final class ClientSecurityTest {
    private static final Shape THREE = Shape.of(1, 3);
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private TestCa ca;
    private Path tokens;

    @BeforeEach
    void issue() throws Exception {
        ca = TestCa.create(folder, "clinic-ca");
        tokens = Files.writeString(folder.resolve("tokens"), "imaging: " + TOKEN + "\n");
    }

    private RunnerUnderTest runner(Optional<Path> clientCa, Optional<Path> asked) throws Exception {
        Issued server = ca.server();
        RunnerUnderTest runner = new RunnerUnderTest(
                folder,
                new AccessOptions(
                        Optional.of(new TlsFiles(server.certificate(), server.key(), clientCa)),
                        asked,
                        ClientLimits.NONE,
                        Duration.ofSeconds(10)));
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), THREE, THREE);
        return runner;
    }

    private RunnerClientBuilder to(RunnerUnderTest runner, Tls tls) {
        return RunnerClient.to("localhost:" + runner.serving().grpcPort())
                .tls(tls)
                .retries(RetryPolicy.none());
    }

    private static void getsIn(RunnerClientBuilder builder) {
        try (RunnerClient client = builder.connect()) {
            Tensor x = Tensor.of("x", new float[] {1, 2, 3}, 1, 3);
            assertThat(client.model("doubler").infer(x).output().toFloats()).containsExactly(2, 4, 6);
        }
    }

    private static void doesNot(RunnerClientBuilder builder, Kind kind) {
        try (RunnerClient client = builder.connect()) {
            Tensor x = Tensor.of("x", new float[] {1, 2, 3}, 1, 3);
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("doubler").infer(x))
                    .extracting(RunnerException::kind)
                    .isEqualTo(kind);
        }
    }

    @Test
    void overTlsTheRunnerIsKnownByItsCa() throws Exception {
        TestCa other = TestCa.create(folder, "other-ca");
        try (RunnerUnderTest runner = runner(Optional.empty(), Optional.empty())) {
            getsIn(to(runner, Tls.trusting(ca.certificate())));
            doesNot(to(runner, Tls.trusting(other.certificate())), Kind.UNAVAILABLE);
            doesNot(
                    RunnerClient.to("localhost:" + runner.serving().grpcPort()).retries(RetryPolicy.none()),
                    Kind.UNAVAILABLE);
        }
    }

    @Test
    void aCertificateIsShownWhereOneIsAskedFor() throws Exception {
        try (RunnerUnderTest runner = runner(Optional.of(ca.certificate()), Optional.empty())) {
            Issued known = ca.issue("scanner", "URI:spiffe://clinic/scanner-3", 1);
            Tls anonymous = Tls.trusting(ca.certificate());

            getsIn(to(runner, anonymous.showing(known.certificate(), known.key())));
            assertThat(runner.serving().metrics()).contains("client=\"spiffe://clinic/scanner-3\"");
            doesNot(to(runner, anonymous), Kind.UNAVAILABLE);
        }
    }

    @Test
    void aTokenIsShownWhereOneIsAskedFor() throws Exception {
        try (RunnerUnderTest runner = runner(Optional.empty(), Optional.of(tokens))) {
            Tls tls = Tls.trusting(ca.certificate());

            getsIn(to(runner, tls).token(() -> TOKEN));
            assertThat(runner.serving().metrics()).contains("client=\"imaging\"");
            doesNot(to(runner, tls), Kind.DENIED);
            doesNot(to(runner, tls).token(() -> "f".repeat(32)), Kind.DENIED);
        }
    }
}
