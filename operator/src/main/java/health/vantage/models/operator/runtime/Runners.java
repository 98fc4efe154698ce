package health.vantage.models.operator.runtime;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Objects;

/** The runners' pods, as both reconcilers look at them. */
public final class Runners {
    /** Selects them in the operator's namespace. */
    public static final String SELECTOR = "app.kubernetes.io/name=vantage-runner";

    private Runners() {}

    public static boolean isReady(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    }

    /** Whether an update says anything new: which node, and whether it is ready. */
    public static boolean changed(Pod now, Pod before) {
        return isReady(now) != isReady(before)
                || !Objects.equals(now.getSpec().getNodeName(), before.getSpec().getNodeName());
    }
}
