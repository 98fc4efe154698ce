package health.vantage.models.operator.fleet;

import health.vantage.models.api.ApiGroup;
import health.vantage.models.api.ComputeTierStatus.Unmatched;
import health.vantage.models.api.ModelNode;
import health.vantage.models.operator.runtime.FleetSources;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which nodes belong to a tier now. Pure.
 *
 * @param join nodes to label
 * @param members nodes that carry the label already and stay
 * @param leave nodes whose labels have not matched for {@link #GRACE}
 * @param unmatched members whose labels do not match, since when
 * @param contested nodes that match but belong to another tier: {@code node (tier)}
 */
record Membership(
        List<Node> join, List<Node> members, List<Node> leave, List<Unmatched> unmatched, List<String> contested) {
    /** GPU feature discovery takes about a minute to bring its labels back after a restart. */
    static final Duration GRACE = Duration.ofMinutes(10);

    private static final int MOST_UNMATCHED = 20;

    /** @param tiers the names of all tiers, this one among them */
    static Membership of(
            String tier,
            Set<String> tiers,
            LabelSelector selector,
            List<Node> nodes,
            List<Unmatched> before,
            Instant now) {
        var join = new ArrayList<Node>();
        var members = new ArrayList<Node>();
        var leave = new ArrayList<Node>();
        var unmatched = new ArrayList<Unmatched>();
        var contested = new ArrayList<String>();
        for (Node node : nodes.stream()
                .sorted(Comparator.comparing((Node n) -> n.getMetadata().getName()))
                .toList()) {
            Map<String, String> labels =
                    Optional.ofNullable(node.getMetadata().getLabels()).orElse(Map.of());
            String name = node.getMetadata().getName();
            // The label of a tier that was deleted binds nobody.
            String current = Optional.ofNullable(labels.get(ApiGroup.TIER_LABEL))
                    .filter(tiers::contains)
                    .orElse(null);
            boolean matches = matches(selector, labels);
            if (tier.equals(current)) {
                if (matches) {
                    members.add(node);
                    continue;
                }
                Unmatched since = before.stream()
                        .filter(u -> u.node().equals(name))
                        .findFirst()
                        .orElseGet(() -> new Unmatched(name, now.toString()));
                if (Duration.between(Instant.parse(since.since()), now).compareTo(GRACE) >= 0) {
                    leave.add(node);
                } else {
                    members.add(node);
                    unmatched.add(since);
                }
            } else if (matches && current == null) {
                join.add(node);
            } else if (matches) {
                contested.add(name + " (" + current + ")");
            }
        }
        return new Membership(
                join, members, leave, unmatched.stream().limit(MOST_UNMATCHED).toList(), contested);
    }

    static Membership none() {
        return new Membership(List.of(), List.of(), List.of(), List.of(), List.of());
    }

    /**
     * Nodes of which a ModelNode says that they belong to the tier though nobody's label does: the label was taken away by
     * hand, or the operator was killed between taking it away and deleting the ModelNode.
     */
    List<Node> strays(String tier, List<Node> nodes, Collection<ModelNode> modelNodes) {
        Set<String> claimed = modelNodes.stream()
                .filter(modelNode -> modelNode.getSpec() != null
                        && tier.equals(modelNode.getSpec().tier()))
                .map(modelNode -> modelNode.getMetadata().getName())
                .collect(Collectors.toSet());
        return nodes.stream()
                .filter(node -> claimed.contains(node.getMetadata().getName()))
                .filter(node -> !FleetSources.labels(node).containsKey(ApiGroup.TIER_LABEL))
                .filter(node -> !join.contains(node))
                .toList();
    }

    /** Source: Kubernetes' LabelSelector: all of matchLabels and matchExpressions. */
    static boolean matches(LabelSelector selector, Map<String, String> labels) {
        Map<String, String> exact =
                Optional.ofNullable(selector.getMatchLabels()).orElse(Map.of());
        List<LabelSelectorRequirement> expressions =
                Optional.ofNullable(selector.getMatchExpressions()).orElse(List.of());
        // An empty selector means "every node" in Kubernetes; a tier of every node is never what somebody meant.
        return (!exact.isEmpty() || !expressions.isEmpty())
                && exact.entrySet().stream().allMatch(e -> e.getValue().equals(labels.get(e.getKey())))
                && expressions.stream().allMatch(e -> matches(e, labels));
    }

    private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
        String value = labels.get(requirement.getKey());
        List<String> values = Optional.ofNullable(requirement.getValues()).orElse(List.of());
        return switch (requirement.getOperator()) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
