package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is known of one node at the moment of a decision.
 *
 * @param reachable whether Kubernetes says that the node and its runner are ready
 * @param since when its ModelNode was made: nodes that join during a rollout wait for its end
 * @param uid UID of its ModelNode: instructions are bound to it, so that a deleted node is not brought back
 * @param formats that its tier says it loads, engines' included; empty: the tier does not say
 * @param gpus empty if nothing says how much memory the node has: unknown, never "fits"
 * @param cudaVersion the CUDA level that its driver supports, where a label says so
 * @param instructions what it has been told, by all deployments
 * @param status what its runner last said; empty lists if it never spoke
 */
public record NodeFacts(
        String name,
        String tier,
        boolean reachable,
        Instant since,
        String uid,
        Set<String> formats,
        List<Gpu> gpus,
        Optional<String> cudaVersion,
        List<ModelInstruction> instructions,
        ModelNodeStatus status) {

    public NodeFacts {
        formats = Set.copyOf(formats);
        gpus = List.copyOf(gpus);
        instructions = List.copyOf(instructions);
    }

    public Optional<ModelInstruction> instruction(String model) {
        return instructions.stream().filter(i -> i.name().equals(model)).findFirst();
    }

    public Optional<ModelState> report(String model) {
        return status.model(model);
    }

    /** The same node, of which nothing new can be heard. */
    public NodeFacts outOfReach() {
        return new NodeFacts(name, tier, false, since, uid, formats, gpus, cudaVersion, instructions, status);
    }
}
