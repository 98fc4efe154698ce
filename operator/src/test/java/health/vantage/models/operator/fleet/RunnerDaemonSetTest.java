package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ComputeTierSpec;
import health.vantage.models.api.Engine;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunnerDaemonSetTest {

    @Test
    void theRunnerIsNobodyAndMayDoNothingItDoesNotNeed() {
        PodSpec pod = pod("");
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(65532);
        assertThat(pod.getSecurityContext().getRunAsGroup()).isEqualTo(65532);
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getHostNetwork()).isNull();
        assertThat(pod.getHostPID()).isNull();
        assertThat(pod.getHostIPC()).isNull();
        for (Container container : List.of(runner(pod), pod.getInitContainers().getFirst())) {
            var security = container.getSecurityContext();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getPrivileged()).isNull();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        }
        assertThat(runner(pod).getSecurityContext().getCapabilities().getAdd()).isEmpty();
        assertThat(runner(pod).getSecurityContext().getRunAsUser()).isNull();
        assertThat(runner(pod).getSecurityContext().getRunAsNonRoot()).isNull();
    }

    @Test
    void onlyTheCacheFolderIsHandedOverAndOnlyThatNeedsRoot() {
        Container init = pod("").getInitContainers().getFirst();
        assertThat(init.getCommand()).containsExactly("chown", "65532:65532", "/var/lib/vantage/models");
        assertThat(init.getSecurityContext().getRunAsUser()).isZero();
        assertThat(init.getSecurityContext().getCapabilities().getAdd()).containsExactly("CHOWN");
        assertThat(init.getVolumeMounts()).extracting(VolumeMount::getName).containsExactly("cache");
        assertThat(init.getEnv()).isEmpty();
    }

    @Test
    void nodesAreTakenByTheOperatorAndFoundByTheStickyLabelAlone() {
        DaemonSet set = build("");
        assertThat(set.getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
        assertThat(set.getSpec().getTemplate().getSpec().getNodeSelector())
                .isEqualTo(Map.of(ApiGroup.TIER_LABEL, "rtx"));
        assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels());
    }

    @Test
    void itGoesWithItsTier() {
        assertThat(build("").getMetadata().getOwnerReferences())
                .extracting(owner -> owner.getKind() + " " + owner.getUid())
                .containsExactly("ComputeTier uid-of-tier");
    }

    @Test
    void whatMayBeWrittenIsTheCacheAndATemporaryFolder() {
        PodSpec pod = pod("cacheHostPath: /data/models");
        assertThat(pod.getVolumes()).extracting(Volume::getName).containsExactly("cache", "tmp");
        assertThat(pod.getVolumes().getFirst().getHostPath().getPath()).isEqualTo("/data/models");
        assertThat(pod.getVolumes().getFirst().getHostPath().getType()).isEqualTo("DirectoryOrCreate");
    }

    @Test
    void theRegistrySecretIsAFileThatOnlyTheRunnerReads() {
        PodSpec pod = pod("registrySecret: pull");
        assertThat(runner(pod).getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(org.assertj.core.groups.Tuple.tuple("DOCKER_CONFIG", "/etc/vantage/registry"));
        assertThat(runner(pod).getVolumeMounts())
                .filteredOn(mount -> mount.getName().equals("registry"))
                .allSatisfy(mount -> assertThat(mount.getReadOnly()).isTrue())
                .hasSize(1);
        assertThat(pod.getInitContainers().getFirst().getVolumeMounts())
                .extracting(VolumeMount::getName)
                .doesNotContain("registry");
    }

    @Test
    void aGpuIsAskedForWhereTheTierNamesItsResource() {
        assertThat(runner(pod("gpuResource: nvidia.com/gpu"))
                        .getResources()
                        .getLimits()
                        .get("nvidia.com/gpu")
                        .getAmount())
                .isEqualTo("1");
        assertThat(runner(pod("")).getResources().getLimits()).isEmpty();
    }

    @Test
    void allGpusOfTheNodeAreSeenWithoutAskingThePluginForOne() {
        PodSpec pod = pod("gpuResource: nvidia.com/gpu, gpus: All");
        assertThat(runner(pod).getResources().getLimits()).isEmpty();
        assertThat(runner(pod).getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(
                        org.assertj.core.groups.Tuple.tuple("NVIDIA_VISIBLE_DEVICES", "all"),
                        org.assertj.core.groups.Tuple.tuple("CUDA_DEVICE_ORDER", "PCI_BUS_ID"));
        assertThat(runner(pod("gpuResource: nvidia.com/gpu")).getEnv())
                .extracting(EnvVar::getName)
                .contains("CUDA_DEVICE_ORDER")
                .doesNotContain("NVIDIA_VISIBLE_DEVICES");
    }

    @Test
    void theTiersEnginesAreHandedToItsRunnersAsTheyStandThere() throws Exception {
        ComputeTier tier = ATier.named("rtx", "");
        tier.setSpec(Serialization.unmarshal("""
                nodeSelector: {}
                variant: rtx
                engines:
                - {name: vllm, formats: [vllm, safetensors], command: [vllm, serve, "{model}", --port, "{port}"]}
                runner: {image: "r.example/runner:2"}
                """, ComputeTierSpec.class));

        String json = runner(RunnerDaemonSet.build(tier, "image", "vantage-system", "vantage-runner", List.of())
                        .getSpec()
                        .getTemplate()
                        .getSpec())
                .getEnv()
                .stream()
                .filter(variable -> variable.getName().equals("VANTAGE_ENGINES"))
                .findFirst()
                .orElseThrow()
                .getValue();

        assertThat(List.of(new ObjectMapper().readValue(json, Engine[].class)))
                .isEqualTo(tier.getSpec().engines());
        assertThat(runner(pod("")).getEnv())
                .as("a tier without engines")
                .extracting(EnvVar::getName)
                .doesNotContain("VANTAGE_ENGINES");
    }

    @Test
    void probesAskTheHttpPort() {
        Container runner = runner(pod("httpPort: 9090"));
        assertThat(runner.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/healthz/ready");
        assertThat(runner.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/healthz/live");
        assertThat(runner.getReadinessProbe().getHttpGet().getPort().getStrVal())
                .isEqualTo("http");
        assertThat(runner.getPorts())
                .filteredOn(port -> port.getName().equals("http"))
                .allSatisfy(port -> assertThat(port.getContainerPort()).isEqualTo(9090))
                .hasSize(1);
    }

    @Test
    void withACertificateProbesSpeakHttpsAndTheSecretsAreFoldersThatAreRenewedInPlace() {
        PodSpec pod = pod("tlsSecret: runner-tls, clientCaSecret: clinic-ca, tokensSecret: scanners");
        Container runner = runner(pod);

        assertThat(runner.getReadinessProbe().getHttpGet().getScheme()).isEqualTo("HTTPS");
        assertThat(runner.getLivenessProbe().getHttpGet().getScheme()).isEqualTo("HTTPS");
        assertThat(runner.getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(
                        tuple("VANTAGE_TLS_CERT", "/etc/vantage/tls/tls.crt"),
                        tuple("VANTAGE_TLS_KEY", "/etc/vantage/tls/tls.key"),
                        tuple("VANTAGE_TLS_CLIENT_CA", "/etc/vantage/client-ca/ca.crt"),
                        tuple("VANTAGE_TOKENS", "/etc/vantage/tokens/tokens"));
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getSecret() != null)
                .extracting(
                        volume -> volume.getName() + " " + volume.getSecret().getSecretName() + " "
                                + volume.getSecret().getItems().stream()
                                        .map(item -> item.getKey())
                                        .toList())
                .containsExactly(
                        "tls runner-tls [tls.crt, tls.key]",
                        "client-ca clinic-ca [ca.crt]",
                        "tokens scanners [tokens]");
        assertThat(runner.getVolumeMounts())
                .filteredOn(mount -> mount.getMountPath().startsWith("/etc/vantage/"))
                .hasSize(3)
                .allSatisfy(mount -> {
                    assertThat(mount.getReadOnly()).isTrue();
                    assertThat(mount.getSubPath()).isNull();
                });
    }

    @Test
    void withoutACertificateProbesSpeakPlainHttp() {
        assertThat(runner(pod("")).getReadinessProbe().getHttpGet().getScheme()).isNull();
    }

    @Test
    void theSameTierGivesTheSameObject() {
        assertThat(Serialization.asYaml(build("grpcPort: 1"))).isEqualTo(Serialization.asYaml(build("grpcPort: 1")));
    }

    private static Container runner(PodSpec pod) {
        return pod.getContainers().getFirst();
    }

    private static PodSpec pod(String runner) {
        return build(runner).getSpec().getTemplate().getSpec();
    }

    private static DaemonSet build(String runner) {
        return RunnerDaemonSet.build(
                ATier.named("rtx", runner), "r.example/runner:1", "vantage-system", "vantage-runner", List.of());
    }
}
