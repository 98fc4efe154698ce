package health.vantage.models.runner;

import com.google.protobuf.ByteString;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.Verification;
import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.registry.RegistryOptions;
import health.vantage.models.artifact.registry.Repositories;
import health.vantage.models.runner.backend.Backends;
import health.vantage.models.runner.install.SampleModel;
import health.vantage.models.runner.preflight.Preflight;
import health.vantage.models.runner.proto.seed.InferRequest;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.store.ArtifactStore;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole way of a model in one process, on a model of a few bytes; also what {@link PrepareCommand} learns a start from. */
@Command(
        name = "selfcheck",
        mixinStandardHelpOptions = true,
        description = "Packs a tiny model, serves it on loopback as serve would, asks it, and stops: whether this"
                + " installation works on this machine. Leaves nothing behind.")
final class SelfcheckCommand implements Callable<Integer> {
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final long ANSWER_SECONDS = 10;

    /** What a node's runner starts with as well, for those who record a start; nobody is asked anything. */
    @Option(names = "--with-kubernetes", hidden = true)
    private boolean withKubernetes;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Path work = Files.createTempDirectory("vantage-selfcheck-");
        try {
            long start = System.nanoTime();
            check(work);
            if (withKubernetes) {
                buildKubernetesClient();
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("selfcheck: packed, pulled, tried in a child process, served and answered in "
                    + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms");
            out.flush();
            return 0;
        } finally {
            SampleModel.delete(work);
        }
    }

    private static void check(Path work) throws Exception {
        SampleModel model = SampleModel.push(work);
        Path cache = work.resolve("cache");
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        RunnerProcess process = RunnerProcess.start(new RunnerProcess.Options(
                ServingOptions.defaults(any, any),
                Backends.discover(),
                new ArtifactStore(
                        new Repositories(RegistryOptions.defaults()), NodeCache.open(cache, CacheLimits.defaults())),
                cache.resolve("journal"),
                Preflight.Limits.defaults(),
                Duration.ofMinutes(2),
                DRAIN));
        try {
            process.serve(
                    List.of(new LocalModel(SampleModel.NAME, model.repository(), model.digest())), Verification.NONE);
            ask(process.serving().grpcPort());
            look(process.serving().httpPort());
        } finally {
            process.stop();
        }
    }

    private static void buildKubernetesClient() {
        Config nobody = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:1")
                .build();
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(nobody).build()) {
            String node = client.getKubernetesSerialization().asJson(new ModelNode());
            client.resource(client.getKubernetesSerialization().unmarshal(node, ModelNode.class));
        }
    }

    private static void ask(int port) {
        ManagedChannel channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create())
                .build();
        try {
            ByteString given = ByteString.copyFrom(SampleModel.input());
            ByteString answer = InferenceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS)
                    .infer(InferRequest.newBuilder()
                            .setModelName(SampleModel.NAME)
                            .setInputTensor(given)
                            .build())
                    .getOutputTensor();
            if (!answer.equals(given)) {
                throw new IllegalStateException("the tiny model, which returns its input, answered " + answer + " to "
                        + given + ": do not serve with this installation");
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private static void look(int port) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (String path : List.of("/healthz/ready", "/metrics")) {
                HttpResponse<Void> answer = client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(ANSWER_SECONDS))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
                if (answer.statusCode() != 200) {
                    throw new IllegalStateException(path + " answered " + answer.statusCode() + " instead of 200");
                }
            }
        }
    }
}
