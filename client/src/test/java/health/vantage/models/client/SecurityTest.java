package health.vantage.models.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import health.vantage.models.client.RunnerException.Kind;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS, mutual TLS and tokens, with certificates that openssl makes. */
@Timeout(60)
final class SecurityTest {
    private static final Tensor ONE = Tensor.of("x", new float[] {1}, 1);

    @TempDir
    Path folder;

    @BeforeEach
    void certificates() throws Exception {
        pair("server", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost");
        pair("client", "/CN=workflow");
    }

    @Test
    void aRunnerIsKnownByItsCertificateAndNoOtherIs() throws Exception {
        ServerCredentials known = TlsServerCredentials.create(file("server.crt"), file("server.key"));
        try (ScriptedServer server =
                        new ScriptedServer(known, (attempt, request, answer) -> ScriptedServer.echo(request, answer));
                RunnerClient trusting = RunnerClient.to(server.target())
                        .tls(Tls.trusting(folder.resolve("server.crt")))
                        .connect();
                RunnerClient wary = RunnerClient.to(server.target())
                        .tls(Tls.ofTheSystem())
                        .retries(RetryPolicy.none())
                        .connect()) {
            assertThat(trusting.model("m").infer(ONE).version()).isEqualTo("1.0.0");
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> wary.model("m").infer(ONE))
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.UNAVAILABLE);
        }
    }

    @Test
    void aRunnerThatAsksForCertificatesIsShownOne() throws Exception {
        ServerCredentials asking = TlsServerCredentials.newBuilder()
                .keyManager(file("server.crt"), file("server.key"))
                .trustManager(file("client.crt"))
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
        Tls anonymous = Tls.trusting(folder.resolve("server.crt"));
        try (ScriptedServer server =
                        new ScriptedServer(asking, (attempt, request, answer) -> ScriptedServer.echo(request, answer));
                RunnerClient known = RunnerClient.to(server.target())
                        .tls(anonymous.showing(folder.resolve("client.crt"), folder.resolve("client.key")))
                        .connect();
                RunnerClient unknown = RunnerClient.to(server.target())
                        .tls(anonymous)
                        .retries(RetryPolicy.none())
                        .connect()) {
            assertThat(known.model("m").infer(ONE).version()).isEqualTo("1.0.0");
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> unknown.model("m").infer(ONE));
        }
    }

    @Test
    void theTokenIsAskedForWithEveryCall() throws Exception {
        AtomicInteger number = new AtomicInteger();
        ServerCredentials known = TlsServerCredentials.create(file("server.crt"), file("server.key"));
        try (ScriptedServer server =
                        new ScriptedServer(known, (attempt, request, answer) -> ScriptedServer.echo(request, answer));
                RunnerClient client = RunnerClient.to(server.target())
                        .tls(Tls.trusting(folder.resolve("server.crt")))
                        .token(() -> "secret-" + number.incrementAndGet())
                        .connect()) {
            client.model("m").infer(ONE);
            client.model("m").infer(ONE);

            assertThat(server.tokens()).containsExactly("Bearer secret-1", "Bearer secret-2");
        }
    }

    @Test
    void aTokenIsNotShownInPlainTextByAccident() {
        RunnerClientBuilder open = RunnerClient.to("runner.clinic:50051").token(() -> "secret");

        assertThatIllegalArgumentException()
                .isThrownBy(open::connect)
                .withMessageContaining("can be read by everybody on the way");
        open.tokenInPlainText().connect().close();
        RunnerClient.to("unix:/run/vantage/runner.sock")
                .token(() -> "secret")
                .connect()
                .close();
    }

    @Test
    void aTokenThatCannotBeHadIsTheCallersTrouble() throws Exception {
        try (ScriptedServer server =
                        new ScriptedServer((attempt, request, answer) -> ScriptedServer.echo(request, answer));
                RunnerClient client = RunnerClient.to(server.target())
                        .token(() -> {
                            throw new IllegalStateException("the vault is sealed");
                        })
                        .tokenInPlainText()
                        .connect()) {
            assertThatExceptionOfType(RunnerException.class)
                    .isThrownBy(() -> client.model("m").infer(ONE))
                    .withMessageContaining("the token could not be had")
                    .extracting(RunnerException::kind)
                    .isEqualTo(Kind.DENIED);
        }
    }

    @Test
    void filesThatAreMissingAreNamed() {
        Path missing = folder.resolve("missing.crt");
        RunnerClientBuilder builder = RunnerClient.to("localhost:1").tls(Tls.trusting(missing));

        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(builder::connect)
                .withMessageContaining(missing.toString());
    }

    private java.io.File file(String name) {
        return folder.resolve(name).toFile();
    }

    private void pair(String name, String subject, String... more) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(java.util.List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                subject,
                "-keyout",
                folder.resolve(name + ".key").toString(),
                "-out",
                folder.resolve(name + ".crt").toString()));
        command.addAll(java.util.List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(Files.size(folder.resolve(name + ".crt"))).isPositive();
    }
}
