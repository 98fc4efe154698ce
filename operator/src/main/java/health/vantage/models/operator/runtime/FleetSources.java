package health.vantage.models.operator.runtime;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.operator.plan.NodeReading;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Which changes of the fleet are worth a look: kubelet heartbeats of thousands of nodes are not. */
public final class FleetSources {
    private FleetSources() {}

    public static Optional<String> tierOf(Node node) {
        return Optional.ofNullable(labels(node).get(ApiGroup.TIER_LABEL));
    }

    public static boolean nodeChanged(Node now, Node before) {
        return !labels(now).equals(labels(before))
                || NodeReading.isReady(now) != NodeReading.isReady(before)
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp());
    }

    public static boolean specChanged(HasMetadata now, HasMetadata before) {
        return !Objects.equals(
                now.getMetadata().getGeneration(), before.getMetadata().getGeneration());
    }

    public static Map<String, String> labels(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getLabels()).orElse(Map.of());
    }
}
