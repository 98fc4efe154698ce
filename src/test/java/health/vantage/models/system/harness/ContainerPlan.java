package health.vantage.models.system.harness;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that is needed to start a container again and again, without asking anybody.
 *
 * @param ports container port to the port of 127.0.0.1 that stands for it
 * @param folder the working folder
 */
record ContainerPlan(
        List<String> command, Map<String, String> environment, Map<Integer, Integer> ports, Path folder, Path log) {}
