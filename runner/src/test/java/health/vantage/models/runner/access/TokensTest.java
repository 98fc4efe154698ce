package health.vantage.models.runner.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TokensTest {
    private static final String FIRST = "0123456789abcdef-first";
    private static final String SECOND = "0123456789abcdef-second";
    private static final Shape THREE = Shape.of(1, 3);

    @TempDir
    Path folder;

    @Test
    void aTokenOrItsHashNamesTheClientAndANameMayHaveTwo() throws Exception {
        Tokens tokens = new Tokens();
        tokens.take(List.of("""
                # scanners
                scanner-3: %s

                scanner-3: another-token-of-16
                viewer: sha256:%s
                """.formatted(FIRST, sha256(SECOND)).getBytes(StandardCharsets.UTF_8)));

        assertThat(tokens.nameOf(FIRST)).contains("scanner-3");
        assertThat(tokens.nameOf("another-token-of-16")).contains("scanner-3");
        assertThat(tokens.nameOf(SECOND)).contains("viewer");
        assertThat(tokens.nameOf(FIRST + "x")).isEmpty();
        assertThat(tokens.nameOf("sha256:" + sha256(SECOND))).isEmpty();
        assertThat(tokens.nameOf("")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                  | there is no token in it",
                "just-a-long-enough-token            | line 1 does not begin with a name and a colon",
                "scanner: short-secret               | line 1 has a token of 12 characters",
                "scanner: sha256:abc                 | line 1 has no 64 hexadecimal digits",
                "scan ner: 0123456789abcdef0123      | line 1 does not begin with a name",
            })
    void aMistakeNamesTheLineAndNotTheToken(String text, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Tokens().take(List.of(text.getBytes(StandardCharsets.UTF_8))))
                .withMessageContaining(complaint)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("just-a-long", "short-secret"));
    }

    @Test
    void withoutAKnownTokenNothingIsAnsweredButHealth() throws Exception {
        try (RunnerUnderTest runner = serving("scanner: " + FIRST)) {
            assertDenied(() -> infer(runner.channel(), Optional.empty()), "this runner asks for a token");
            assertDenied(() -> infer(runner.channel(), Optional.of("Bearer " + SECOND)), "the token is none of this");
            assertDenied(() -> infer(runner.channel(), Optional.of("Basic " + FIRST)), "is not \"Bearer <token>\"");
            assertThat(infer(runner.channel(), Optional.of("bearer " + FIRST))).containsExactly(2, 4, 6);

            assertThat(HealthGrpc.newBlockingStub(runner.channel())
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            assertThat(reflection(runner.channel())).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(runner.serving().metrics())
                    .contains(
                            "vantage_client_calls_total{client=\"scanner\",outcome=\"admitted\"} 1.0",
                            "vantage_client_calls_total{client=\"unknown\",outcome=\"unauthenticated\"} 4.0")
                    .doesNotContain(FIRST);
        }
    }

    @Test
    void aReplacedTokenIsGoodSoonAfterAndTheOldOneIsNot() throws Exception {
        try (RunnerUnderTest runner = serving("scanner: " + FIRST)) {
            assertThat(infer(runner.channel(), Optional.of("Bearer " + FIRST))).hasSize(3);

            Files.writeString(folder.resolve("tokens"), "scanner: " + SECOND);

            await().untilAsserted(() -> assertThat(infer(runner.channel(), Optional.of("Bearer " + SECOND)))
                    .hasSize(3));
            assertDenied(() -> infer(runner.channel(), Optional.of("Bearer " + FIRST)), "it may have been replaced");
        }
    }

    @Test
    void aBrokenFileLeavesTheTokensInUse() throws Exception {
        try (RunnerUnderTest runner = serving("scanner: " + FIRST)) {
            Files.writeString(folder.resolve("tokens"), "scanner: x");

            await().untilAsserted(() ->
                    assertThat(runner.serving().metrics()).contains("vantage_files_stale{files=\"tokens\"} 1.0"));
            assertThat(infer(runner.channel(), Optional.of("Bearer " + FIRST))).hasSize(3);
        }
    }

    @Test
    void theUnixSocketAsksForNoTokenButTakesNoWrongOne() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (RunnerUnderTest runner = serving("scanner: " + FIRST)) {
            ManagedChannel local = NettyChannelBuilder.forAddress(
                            new DomainSocketAddress(runner.socket().toFile()))
                    .channelType(EpollDomainSocketChannel.class)
                    .withOption(io.netty.channel.ChannelOption.SO_KEEPALIVE, null)
                    .eventLoopGroup(loops)
                    .usePlaintext()
                    .build();

            assertThat(infer(local, Optional.empty())).hasSize(3);
            assertThat(infer(local, Optional.of("Bearer " + FIRST))).hasSize(3);
            assertDenied(() -> infer(local, Optional.of("Bearer " + SECOND)), "the token is none");
            local.shutdownNow();
        } finally {
            loops.shutdownGracefully();
        }
    }

    private RunnerUnderTest serving(String tokens) throws Exception {
        Path file = Files.writeString(folder.resolve("tokens"), tokens);
        RunnerUnderTest runner = new RunnerUnderTest(
                folder,
                new AccessOptions(Optional.empty(), Optional.of(file), ClientLimits.NONE, Duration.ofMillis(20)));
        runner.serve("doubler", "1", OnnxModels.scale(2, 1, 3), THREE, THREE);
        return runner;
    }

    private static float[] infer(ManagedChannel channel, Optional<String> authorization) {
        Metadata headers = new Metadata();
        authorization.ifPresent(
                value -> headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value));
        return Floats.of(InferenceGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .infer(RunnerUnderTest.request("doubler", Floats.bytes(1, 2, 3), Map.of()))
                .getOutputTensor());
    }

    private static void assertDenied(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String why) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED))
                .withMessageContaining(why);
    }

    private static Status.Code reflection(ManagedChannel channel) throws InterruptedException {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> ask = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        ask.onNext(ServerReflectionRequest.newBuilder().setListServices("*").build());
        try {
            answer.get();
            return Status.Code.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e.getCause()).getCode();
        }
    }

    private static String sha256(String token) throws Exception {
        return java.util.HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                        .digest(token.getBytes(StandardCharsets.UTF_8)));
    }
}
