package health.vantage.models.operator.rollout;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Which nodes activate first: so many per tier, by name, among those that are staged and can be reached. */
final class Canaries {
    private Canaries() {}

    static List<String> choose(Attempt attempt) {
        return attempt.members().stream()
                .filter(member -> member.staged() && member.reachable())
                .collect(Collectors.groupingBy(member -> member.node().tier()))
                .values()
                .stream()
                .flatMap(tier -> tier.stream()
                        .sorted(Comparator.comparing(Member::name))
                        .limit(attempt.policy().canaryNodes()))
                .map(Member::name)
                .sorted()
                .toList();
    }
}
