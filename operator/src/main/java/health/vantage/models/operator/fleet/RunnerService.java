package health.vantage.models.operator.fleet;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;
import java.util.Optional;

/** The Service through which a pod reaches the runner on its own node. Pure. */
final class RunnerService {
    private RunnerService() {}

    /**
     * @param internalTrafficPolicy {@code Local}, or empty for API servers before 1.22, which refuse an apply with a
     *     field they do not know; there the Service spreads over all nodes of the tier
     */
    static Service build(ComputeTier tier, String namespace, Optional<String> internalTrafficPolicy) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(RunnerDaemonSet.name(tier))
                .withNamespace(namespace)
                .withLabels(RunnerDaemonSet.labels(tier))
                .withOwnerReferences(Owners.of(tier))
                .endMetadata()
                .withNewSpec()
                .withSelector(Map.of(
                        "app.kubernetes.io/name",
                        "vantage-runner",
                        ApiGroup.TIER_LABEL,
                        tier.getMetadata().getName()))
                .withInternalTrafficPolicy(internalTrafficPolicy.orElse(null))
                .addNewPort()
                .withName("grpc")
                .withAppProtocol("grpc")
                .withProtocol("TCP")
                .withPort(tier.getSpec().runner().grpcPort())
                .withNewTargetPort("grpc")
                .endPort()
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(tier.getSpec().runner().httpPort())
                .withNewTargetPort("http")
                .endPort()
                .endSpec()
                .build();
    }
}
