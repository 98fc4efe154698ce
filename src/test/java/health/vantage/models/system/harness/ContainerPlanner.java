package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Turns a pod's spec into processes of this machine: the work of kubelet and container runtime before the start. */
record ContainerPlanner(Kubernetes kubernetes, NodeUplink uplink, Path nodeFolder, Path podFolder) {
    private static final long TOKEN_SECONDS = 24 * 3600;

    /**
     * The plan of one container.
     *
     * @throws CannotStart when the spec asks for what is not there, or for what a local process cannot be given
     */
    ContainerPlan plan(Pod pod, Container container, Launcher launcher) {
        var volumes = new PodVolumes(kubernetes.client(), nodeFolder, podFolder);
        Mounts mounts = volumes.mount(pod, container);
        Path folder = make(podFolder.resolve(container.getName()));
        var own = new PodEnvironment(volumes, pod).of(container);
        var environment = new LinkedHashMap<>(machine(folder));
        environment.putAll(credentials(pod));
        environment.putAll(launcher.environment());
        own.forEach((name, value) -> environment.put(name, mounts.translate(value)));
        launcher.folders()
                .forEach((name, path) -> environment.put(name, folder(mounts, folder, own.getOrDefault(name, path))));
        Map<Integer, Integer> ports = ports(launcher, environment);
        List<String> command = command(container, launcher, mounts, environment);
        return new ContainerPlan(command, environment, ports, folder, podFolder.resolve(container.getName() + ".log"));
    }

    private static List<String> command(
            Container container, Launcher launcher, Mounts mounts, Map<String, String> environment) {
        UnaryOperator<String> seenFromHere = word -> mounts.translate(PodEnvironment.expand(word, environment));
        var pods = new ArrayList<>(container.getCommand());
        pods.addAll(container.getArgs());
        pods.replaceAll(seenFromHere);
        if (launcher.entryPoint().isEmpty()) {
            if (pods.isEmpty()) {
                throw new CannotStart(
                        "CreateContainerError",
                        "Image " + container.getImage()
                                + " is launched by the pod's own command, and the pod gives none.");
            }
            return pods;
        }
        if (!container.getCommand().isEmpty()) {
            throw new CannotStart(
                    "CreateContainerError",
                    "Image " + container.getImage() + " is launched as "
                            + launcher.entryPoint() + "; the pod's own command " + container.getCommand()
                            + " names a program inside the image, which is not here. Use args, or a launcher for the pod's command.");
        }
        // The entry point's paths are this machine's already, even where the pod mounts something at /tmp.
        var command = new ArrayList<>(launcher.entryPoint());
        command.addAll(pods.isEmpty() ? launcher.defaultArguments() : pods);
        return command;
    }

    private static Map<Integer, Integer> ports(Launcher launcher, Map<String, String> environment) {
        var ports = new LinkedHashMap<Integer, Integer>();
        launcher.ports().forEach((variable, usual) -> {
            int containerPort = Integer.parseInt(environment.getOrDefault(variable, Integer.toString(usual)));
            int port = LoopbackPort.free();
            ports.put(containerPort, port);
            environment.put(variable, Integer.toString(port));
        });
        return ports;
    }

    /** A folder on a volume is the volume's; any other is the container's own and goes with the pod. */
    private static String folder(Mounts mounts, Path container, String path) {
        String translated = mounts.translate(path);
        return translated.equals(path)
                ? make(container.resolve("root").resolve(path.replaceAll("^/+", "")))
                        .toString()
                : translated;
    }

    private static Map<String, String> machine(Path folder) {
        return Map.of(
                "PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"),
                "JAVA_HOME", System.getProperty("java.home"),
                "HOME", folder.toString(),
                "LANG", "C.UTF-8");
    }

    /** A kubeconfig with a token of the pod's ServiceAccount: the process may do what the pod may do, and no more. */
    private Map<String, String> credentials(Pod pod) {
        if (Boolean.FALSE.equals(pod.getSpec().getAutomountServiceAccountToken())) {
            return Map.of("KUBECONFIG", "/dev/null", "KUBERNETES_AUTH_TRYKUBECONFIG", "false");
        }
        String namespace = pod.getMetadata().getNamespace();
        TokenRequest wanted = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_SECONDS)
                .endSpec()
                .build();
        TokenRequest granted = kubernetes
                .client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(pod.getSpec().getServiceAccountName())
                .tokenRequest(wanted);
        var reach = new Kubeconfig(uplink.url(), kubernetes.reach().authority());
        Path file = Kubeconfig.write(
                podFolder.resolve("kubeconfig"),
                reach.forToken(granted.getStatus().getToken(), namespace));
        return Map.of(
                "KUBECONFIG", file.toString(),
                "KUBERNETES_SERVICE_HOST", "127.0.0.1",
                "KUBERNETES_SERVICE_PORT", Integer.toString(uplink.port()));
    }

    private static Path make(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + folder + " cannot be made", e);
        }
    }
}
