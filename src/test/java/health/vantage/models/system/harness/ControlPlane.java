package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A real etcd, API server, controller manager and scheduler on 127.0.0.1, with ports and a data folder of their own. RBAC
 * is on; the kubeconfig is a cluster administrator's.
 */
public final class ControlPlane implements Kubernetes {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_GRACE = Duration.ofSeconds(5);
    /** Go collects at four times the heap in use: memory is there, and cores are few. */
    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin", "GOGC", "400");

    private final ControlPlaneCommands commands;
    private final Path folder;
    private final Path kubeconfig;
    private final KubeVersion version;
    private final List<LocalProcess> others = new ArrayList<>();
    private LocalProcess apiServer;
    private Kubeconfig reach;
    private KubernetesClient client;

    private ControlPlane(ControlPlaneCommands commands, Path folder, KubeVersion version) {
        this.commands = commands;
        this.folder = folder;
        this.version = version;
        this.kubeconfig = folder.resolve("admin.kubeconfig");
    }

    /**
     * Starts one and returns when it answers and its controllers work (about 5 s).
     *
     * @param folder an empty folder for data, keys and logs
     * @throws IllegalStateException with the end of the log of the program that did not come up
     */
    public static ControlPlane start(Assets assets, Path folder) {
        KubeVersion version =
                KubeVersion.in(say(assets.program("kube-apiserver").toString(), "--version"));
        String administrator = secret();
        String component = secret();
        Path tokens = Kubeconfig.write(folder.resolve("tokens.csv"), """
                %s,administrator,1,"system:masters"
                %s,control-plane,2,"system:masters"
                """.formatted(administrator, component));
        KeyPair serviceAccounts = newKeys();
        var commands = new ControlPlaneCommands(
                assets,
                version,
                folder,
                tokens,
                Kubeconfig.write(
                        folder.resolve("service-account.key"), pem(serviceAccounts.getPrivate(), "PRIVATE KEY")),
                Kubeconfig.write(folder.resolve("service-account.pub"), pem(serviceAccounts.getPublic(), "PUBLIC KEY")),
                ControlPlaneCommands.Ports.free());
        var plane = new ControlPlane(commands, folder, version);
        try {
            plane.bringUp(administrator, component);
            return plane;
        } catch (RuntimeException e) {
            plane.close();
            throw e;
        }
    }

    private void bringUp(String administrator, String component) {
        var etcd = launch("etcd", commands.etcd());
        others.add(etcd);
        apiServer = launch("kube-apiserver", commands.apiServer());
        await(
                "the API server has made its certificate",
                apiServer,
                () -> Files.exists(commands.servingCertificate())
                        && Files.exists(folder.resolve("certificates/apiserver.key")));
        reach = new Kubeconfig(
                "https://127.0.0.1:" + commands.ports().apiServer(), read(commands.servingCertificate()));
        Kubeconfig.write(kubeconfig, reach.forToken(administrator, "default"));
        client = clientFor(kubeconfig);
        await("the API server is ready", apiServer, this::apiServerAnswers);
        Path own = Kubeconfig.write(folder.resolve("control-plane.kubeconfig"), reach.forToken(component, "default"));
        var controllers = launch("kube-controller-manager", commands.controllers(own));
        others.add(controllers);
        others.add(launch("kube-scheduler", commands.scheduler(own)));
        // Pods are refused in a namespace that has no ServiceAccount yet; that it is there shows that controllers work.
        await("the controllers have made the ServiceAccount default", controllers, () -> {
            ServiceAccount made = client.serviceAccounts()
                    .inNamespace("default")
                    .withName("default")
                    .get();
            return made != null;
        });
    }

    /** Pulls the network: the API server is gone at once, and all its connections with it. */
    public synchronized void stopApiServer() {
        apiServer.kill();
    }

    /** The API server comes back on the same port with the same data; returns when it answers. */
    public synchronized void startApiServer() {
        if (apiServer.isAlive()) {
            return;
        }
        apiServer = launch("kube-apiserver", commands.apiServer());
        await("the API server is ready again", apiServer, this::apiServerAnswers);
    }

    @Override
    public KubeVersion version() {
        return version;
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public Kubeconfig reach() {
        return reach;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
        if (apiServer != null) {
            apiServer.kill();
        }
        others.reversed().forEach(process -> process.stop(STOP_GRACE));
    }

    /** A client that gives up late: the API server may be away for a while on purpose. */
    static KubernetesClient clientFor(Path kubeconfig) {
        Config config = new ConfigBuilder(Config.fromKubeconfig(kubeconfig.toFile()))
                .withWatchReconnectInterval(200)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(10_000)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private boolean apiServerAnswers() {
        try {
            return "ok"
                    .equals(Objects.requireNonNullElse(client.raw("/readyz"), "")
                            .strip());
        } catch (KubernetesClientException notYet) {
            return false;
        }
    }

    private LocalProcess launch(String name, List<String> command) {
        return LocalProcess.start(name, command, ENVIRONMENT, folder, folder.resolve(name + ".log"));
    }

    private static void await(String what, LocalProcess process, BooleanSupplier condition) {
        Await.until(
                what,
                START_LIMIT,
                () -> {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("It will not be so that " + what + ": " + process.account());
                    }
                    return condition.getAsBoolean();
                },
                process::account);
    }

    private static KeyPair newKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This JDK has no elliptic curves", e);
        }
    }

    private static String pem(Key key, String what) {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(key.getEncoded());
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, text);
    }

    private static String secret() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + file + " cannot be read", e);
        }
    }

    private static String say(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The program " + command[0] + " cannot be run", e);
        }
    }
}
