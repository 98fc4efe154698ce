package health.vantage.models.operator.fleet;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTier;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.Map;

/** The Service through which a pod reaches the runner on its own node: {@code internalTrafficPolicy: Local}. Pure. */
final class RunnerService {
    private RunnerService() {}

    static Service build(ComputeTier tier, String namespace) {
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
                .withInternalTrafficPolicy("Local")
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
