package health.vantage.models.operator.fleet;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierSpec.Gpus;
import health.vantage.models.api.ComputeTierSpec.RunnerTemplate;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The DaemonSet that runs one runner on each node of a tier. Pure: the same tier gives the same object. */
final class RunnerDaemonSet {
    /** The runner's own user in its image; the cache folder on the node is handed to it by an init container. */
    private static final long RUNNER_UID = 65532;

    private static final String CACHE = "/var/lib/vantage/models";

    private RunnerDaemonSet() {}

    static String name(ComputeTier tier) {
        return "vantage-runner-" + tier.getMetadata().getName();
    }

    static Map<String, String> labels(ComputeTier tier) {
        return Map.of(
                "app.kubernetes.io/name",
                "vantage-runner",
                "app.kubernetes.io/managed-by",
                "vantage-model-operator",
                ApiGroup.TIER_LABEL,
                tier.getMetadata().getName());
    }

    /** @param plainHttp registries without TLS, as the operator was told of them */
    static DaemonSet build(
            ComputeTier tier, String image, String namespace, String serviceAccount, List<String> plainHttp) {
        Map<String, String> labels = labels(tier);
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withName(name(tier))
                .withNamespace(namespace)
                .withLabels(labels)
                .withOwnerReferences(Owners.of(tier))
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Map.of(
                        "app.kubernetes.io/name",
                        "vantage-runner",
                        ApiGroup.TIER_LABEL,
                        tier.getMetadata().getName()))
                .endSelector()
                // The operator takes nodes one by one, and goes back when one does not come back healthy.
                .withNewUpdateStrategy()
                .withType("OnDelete")
                .endUpdateStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withSpec(podSpec(tier, image, serviceAccount, plainHttp))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec podSpec(ComputeTier tier, String image, String serviceAccount, List<String> plainHttp) {
        RunnerTemplate runner = tier.getSpec().runner();
        return new PodSpecBuilder()
                .withServiceAccountName(serviceAccount)
                .withRuntimeClassName(runner.runtimeClassName())
                .withNodeSelector(Map.of(ApiGroup.TIER_LABEL, tier.getMetadata().getName()))
                .withTolerations(runner.tolerations())
                .withImagePullSecrets(runner.imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                // Requests in flight are drained on TERM.
                .withTerminationGracePeriodSeconds(60L)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(RUNNER_UID)
                .withRunAsGroup(RUNNER_UID)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withInitContainers(cacheOwner(runner, image))
                .withContainers(container(tier, runner, image, plainHttp))
                .withVolumes(volumes(runner))
                .build();
    }

    /** A hostPath folder is made by the kubelet for root: hand it to the runner's user, and nothing else. */
    private static Container cacheOwner(RunnerTemplate runner, String image) {
        return new ContainerBuilder()
                .withName("own-cache")
                .withImage(image)
                .withCommand("chown", RUNNER_UID + ":" + RUNNER_UID, CACHE)
                .withNewSecurityContext()
                .withRunAsNonRoot(false)
                .withRunAsUser(0L)
                .withRunAsGroup(0L)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd("CHOWN")
                .endCapabilities()
                .endSecurityContext()
                .withResources(new ResourceRequirementsBuilder()
                        .addToRequests("cpu", new Quantity("10m"))
                        .addToRequests("memory", new Quantity("16Mi"))
                        .addToLimits("memory", new Quantity("64Mi"))
                        .build())
                .withVolumeMounts(mount("cache", CACHE))
                .build();
    }

    private static Container container(ComputeTier tier, RunnerTemplate runner, String image, List<String> plainHttp) {
        var env = new ArrayList<EnvVar>();
        env.add(field("NODE_NAME", "spec.nodeName"));
        env.add(field("POD_NAMESPACE", "metadata.namespace"));
        env.add(value("VANTAGE_TIER", tier.getMetadata().getName()));
        env.add(value("VANTAGE_CACHE_DIR", CACHE));
        env.add(value("VANTAGE_GRPC_PORT", String.valueOf(runner.grpcPort())));
        env.add(value("VANTAGE_HTTP_PORT", String.valueOf(runner.httpPort())));
        if (!plainHttp.isEmpty()) {
            env.add(value("VANTAGE_PLAIN_HTTP", String.join(",", plainHttp)));
        }
        if (runner.registrySecret() != null) {
            env.add(value("DOCKER_CONFIG", "/etc/vantage/registry"));
        }
        env.addAll(gpus(runner));
        env.addAll(RunnerSecrets.of(runner).env());
        if (!tier.getSpec().engines().isEmpty()) {
            env.add(value(
                    "VANTAGE_ENGINES",
                    literal(Serialization.asJson(tier.getSpec().engines()))));
        }
        env.addAll(runner.env());
        return new ContainerBuilder()
                .withName("runner")
                .withImage(image)
                .withArgs("serve")
                .withEnv(env)
                .addNewPort()
                .withName("grpc")
                .withContainerPort(runner.grpcPort())
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("http")
                .withContainerPort(runner.httpPort())
                .withProtocol("TCP")
                .endPort()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/healthz/ready")
                .withNewPort("http")
                .withScheme(scheme(runner))
                .endHttpGet()
                .withPeriodSeconds(5)
                .withTimeoutSeconds(3)
                .endReadinessProbe()
                .withNewLivenessProbe()
                .withNewHttpGet()
                .withPath("/healthz/live")
                .withNewPort("http")
                .withScheme(scheme(runner))
                .endHttpGet()
                .withInitialDelaySeconds(20)
                .withPeriodSeconds(10)
                .withTimeoutSeconds(5)
                .withFailureThreshold(6)
                .endLivenessProbe()
                .withResources(resources(runner))
                .withVolumeMounts(mounts(runner))
                .build();
    }

    /** A kubelet does not check the certificate of what it probes, and shows none of its own: the runner asks probes for none. */
    private static String scheme(RunnerTemplate runner) {
        return runner.tlsSecret() == null ? null : "HTTPS";
    }

    /** A GPU's number must mean the same to CUDA as to nvidia-smi and GPU feature discovery, which count along the bus. */
    private static List<EnvVar> gpus(RunnerTemplate runner) {
        var env = new ArrayList<EnvVar>();
        if (runner.gpuResource() != null || runner.gpus() == Gpus.All) {
            env.add(value("CUDA_DEVICE_ORDER", "PCI_BUS_ID"));
        }
        if (runner.gpus() == Gpus.All) {
            env.add(value("NVIDIA_VISIBLE_DEVICES", "all"));
            env.add(value("NVIDIA_DRIVER_CAPABILITIES", "compute,utility"));
        }
        return env;
    }

    private static ResourceRequirements resources(RunnerTemplate runner) {
        ResourceRequirementsBuilder resources = runner.resources() == null
                ? new ResourceRequirementsBuilder()
                : new ResourceRequirementsBuilder(runner.resources());
        if (runner.gpuResource() != null && runner.gpus() == Gpus.One) {
            resources.addToLimits(runner.gpuResource(), new Quantity("1"));
        }
        return resources.build();
    }

    private static List<Volume> volumes(RunnerTemplate runner) {
        var volumes = new ArrayList<Volume>();
        volumes.add(new VolumeBuilder()
                .withName("cache")
                .withNewHostPath()
                .withPath(runner.cacheHostPath())
                .withType("DirectoryOrCreate")
                .endHostPath()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .build());
        if (runner.registrySecret() != null) {
            volumes.add(new VolumeBuilder()
                    .withName("registry")
                    .withNewSecret()
                    .withSecretName(runner.registrySecret())
                    .addNewItem()
                    .withKey(".dockerconfigjson")
                    .withPath("config.json")
                    .endItem()
                    .endSecret()
                    .build());
        }
        volumes.addAll(RunnerSecrets.of(runner).volumes());
        return volumes;
    }

    private static List<VolumeMount> mounts(RunnerTemplate runner) {
        var mounts = new ArrayList<>(List.of(mount("cache", CACHE), mount("tmp", "/tmp")));
        if (runner.registrySecret() != null) {
            mounts.add(new VolumeMountBuilder(mount("registry", "/etc/vantage/registry"))
                    .withReadOnly(true)
                    .build());
        }
        mounts.addAll(RunnerSecrets.of(runner).mounts());
        return mounts;
    }

    private static VolumeMount mount(String name, String path) {
        return new VolumeMountBuilder().withName(name).withMountPath(path).build();
    }

    /** Kubernetes replaces {@code $(NAME)} in values. */
    private static String literal(String text) {
        return text.replace("$(", "$$(");
    }

    private static EnvVar value(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    private static EnvVar field(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath(path)
                .endFieldRef()
                .endValueFrom()
                .build();
    }
}
