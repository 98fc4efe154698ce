package health.vantage.models.runner.openinference;

import health.vantage.models.runner.shm.SharedRegions;
import java.util.ArrayList;
import java.util.List;

/** The names under which Triton's clients find what is there beyond the protocol. */
public final class Extensions {
    private Extensions() {}

    public static List<String> of(SharedRegions regions) {
        List<String> names = new ArrayList<>(List.of(
                "classification", "model_repository", "model_configuration", "statistics", "binary_tensor_data"));
        if (regions.enabled()) {
            names.add("system_shared_memory");
        }
        return names;
    }
}
