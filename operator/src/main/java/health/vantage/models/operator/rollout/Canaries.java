package health.vantage.models.operator.rollout;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which nodes activate first: so many per tier among those that are staged, reachable ones first, then by name.
 *
 * <p>Where every staged node happens to be away, one of them is chosen all the same: with no canary at all, the next
 * phase would be every node at once.
 */
final class Canaries {
    private Canaries() {}

    static List<String> choose(Attempt attempt) {
        return attempt.members().stream()
                .filter(Member::staged)
                .collect(Collectors.groupingBy(member -> member.node().tier()))
                .values()
                .stream()
                .flatMap(tier -> tier.stream()
                        .sorted(Comparator.comparing((Member member) -> !member.reachable())
                                .thenComparing(Member::name))
                        .limit(attempt.policy().canaryNodes()))
                .map(Member::name)
                .sorted()
                .toList();
    }
}
