package health.vantage.models.operator.deployment;

import health.vantage.models.api.ComputeTier;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.NodeReading;
import health.vantage.models.operator.rollout.Member;
import health.vantage.models.operator.runtime.Runners;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one reconcile works on.
 *
 * @param deployment read from the API server just now: decisions are never made on a stale status
 * @param servedBy names of the nodes whose runner is ready
 * @param others all other ModelDeployments of the cluster
 */
record Observed(
        ModelDeployment deployment,
        Map<String, ComputeTier> tiers,
        Map<String, Node> nodes,
        Set<String> servedBy,
        List<ModelNode> modelNodes,
        Map<String, ModelRevision> revisions,
        List<ModelDeployment> others) {

    static Observed of(
            ModelDeployment deployment,
            Stream<ComputeTier> tiers,
            Stream<Node> nodes,
            Stream<Pod> runners,
            Stream<ModelNode> modelNodes,
            Stream<ModelRevision> revisions,
            Stream<ModelDeployment> all) {
        return new Observed(
                deployment,
                tiers.collect(Collectors.toMap(tier -> tier.getMetadata().getName(), Function.identity())),
                nodes.collect(Collectors.toMap(node -> node.getMetadata().getName(), Function.identity())),
                runners.filter(Runners::isReady)
                        .map(pod -> pod.getSpec().getNodeName())
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()),
                modelNodes.toList(),
                revisions.collect(Collectors.toMap(
                        revision -> key(
                                revision.getMetadata().getNamespace(),
                                revision.getMetadata().getName()),
                        Function.identity())),
                all.filter(other -> !other.getMetadata()
                                .getUid()
                                .equals(deployment.getMetadata().getUid()))
                        .toList());
    }

    Observed with(List<ModelNode> fresh) {
        return new Observed(deployment, tiers, nodes, servedBy, fresh, revisions, others);
    }

    Observed with(ModelRevision made) {
        var all = new HashMap<>(revisions);
        all.put(key(made.getMetadata().getNamespace(), made.getMetadata().getName()), made);
        return new Observed(deployment, tiers, nodes, servedBy, modelNodes, all, others);
    }

    String name() {
        return deployment.getMetadata().getName();
    }

    String namespace() {
        return deployment.getMetadata().getNamespace();
    }

    String uid() {
        return deployment.getMetadata().getUid();
    }

    Optional<ModelRevision> revision(String name) {
        return revision(namespace(), name);
    }

    Optional<ModelRevision> revision(String namespace, String name) {
        return name == null ? Optional.empty() : Optional.ofNullable(revisions.get(key(namespace, name)));
    }

    /** The facts of all nodes that have a tier. */
    List<NodeFacts> facts() {
        return modelNodes.stream()
                .filter(modelNode -> modelNode.getSpec() != null
                        && tiers.containsKey(modelNode.getSpec().tier())
                        && nodes.containsKey(modelNode.getMetadata().getName()))
                .map(modelNode -> NodeReading.read(
                        nodes.get(modelNode.getMetadata().getName()),
                        modelNode,
                        tiers.get(modelNode.getSpec().tier())))
                // A node may be ready while its runner is not: what the runner said last is old then.
                .map(facts -> servedBy.contains(facts.name()) ? facts : facts.outOfReach())
                .toList();
    }

    /** Nodes that carry an instruction of this deployment, of whatever epoch. */
    List<NodeFacts> told() {
        return facts().stream()
                .filter(node -> node.instruction(name())
                        .filter(i -> i.deployment().uid().equals(uid()))
                        .isPresent())
                .toList();
    }

    /**
     * The highest epoch that any node reports for this name. A deployment that was deleted and made anew while a node was
     * away goes on from there: that node remembers the former one's epochs and would ignore lower ones.
     */
    long highestEpochSeen() {
        return modelNodes.stream()
                .filter(node -> node.getStatus() != null)
                .flatMap(node -> node.getStatus().model(name()).stream())
                .mapToLong(ModelState::epoch)
                .max()
                .orElse(0);
    }

    List<Member> members(List<NodeFacts> facts, long epoch) {
        return facts.stream()
                .flatMap(node -> Member.of(node, name(), uid(), epoch).stream())
                .toList();
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }
}
