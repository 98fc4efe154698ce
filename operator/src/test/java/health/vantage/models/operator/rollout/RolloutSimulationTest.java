package health.vantage.models.operator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.Quorum;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises that hold whatever happens, tried on fleets that misbehave in ten thousand ways; each is a seed to run again. */
class RolloutSimulationTest {
    private static final int SEEDS = 3_500;
    private static final int WISHES = 3;
    private static final int PATIENCE = 150;

    private static Policy policy(Quorum quorum, int canaries) {
        Policy base = FleetSimulation.POLICY;
        return new Policy(
                quorum,
                canaries,
                base.stageTimeout(),
                base.activateTimeout(),
                base.soak(),
                base.maxErrorRate(),
                base.maxLatencyFactor());
    }

    private static List<SimulatedNode> fleet(Random random, int size, double misfortune) {
        return IntStream.range(0, size)
                .mapToObj(i -> new SimulatedNode("n" + i, new Random(random.nextLong()), misfortune))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"All", "Reachable", "50%"})
    void allNodesOrNoneWhateverNodesDoAndWhereverTheOperatorIsKilled(String requireNodes) {
        Quorum quorum = Quorum.parse(requireNodes);
        Map<Phase, Integer> ends = new EnumMap<>(Phase.class);
        for (int seed = 0; seed < SEEDS; seed++) {
            try {
                ends.merge(live(new Random(seed), quorum), 1, Integer::sum);
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError(
                        "requireNodes " + requireNodes + ", seed " + seed + ": " + broken.getMessage(), broken);
            }
        }
        assertThat(ends).as("both ends were seen, and no other").containsOnlyKeys(Phase.Confirmed, Phase.RolledBack);
        assertThat(ends.values()).as("%s", ends).allMatch(count -> count > SEEDS / 20);
    }

    /** Some attempts in a storm, then calm, then the books are opened. */
    private static Phase live(Random random, Quorum quorum) {
        double misfortune = List.of(0.0, 0.02, 0.15).get(random.nextInt(3));
        double storm = List.of(0.0, 0.02, 0.08).get(random.nextInt(3));
        double kills = List.of(0.0, 0.1, 0.5).get(random.nextInt(3));
        boolean[] calm = {false};
        var fleet = new FleetSimulation(
                fleet(random, 1 + random.nextInt(6), misfortune),
                policy(quorum, random.nextInt(3)),
                () -> !calm[0] && random.nextDouble() < kills);
        for (int wish = 1; wish <= WISHES; wish++) {
            String desired = "sha256:r" + wish;
            int until = wish == WISHES ? PATIENCE : 5 + random.nextInt(60);
            for (int tick = 0; tick < until && !(fleet.settled() && desired.equals(fleet.status.revision())); tick++) {
                weather(fleet.nodes, random, storm);
                fleet.tick(desired);
            }
        }
        calm[0] = true;
        fleet.nodes.forEach(node -> node.reachable = true);
        String last = "sha256:r" + WISHES;
        for (int tick = 0; tick < PATIENCE && !(fleet.settled() && last.equals(fleet.status.revision())); tick++) {
            fleet.tick(last);
        }
        for (int tick = 0; tick < 20; tick++) {
            fleet.tick(last);
        }
        return audit(fleet, quorum, last);
    }

    private static void weather(List<SimulatedNode> nodes, Random random, double storm) {
        for (SimulatedNode node : nodes) {
            node.reachable = node.reachable ? random.nextDouble() >= storm : random.nextDouble() < 0.15;
            // One node always stays, so that there is something to roll out to.
            node.deleted |= node != nodes.getFirst() && random.nextDouble() < storm / 20;
        }
    }

    private static Phase audit(FleetSimulation fleet, Quorum quorum, String desired) {
        Phase end = fleet.status.phase();
        if (end != Phase.Confirmed && end != Phase.RolledBack || !desired.equals(fleet.status.revision())) {
            throw new AssertionError("not settled: " + fleet.status);
        }
        int behind = 0;
        for (SimulatedNode node : fleet.members()) {
            if (end == Phase.RolledBack && !Objects.equals(node.active, fleet.lastGood)) {
                throw new AssertionError(
                        node.name + " serves " + node.active + " after the rollback to " + fleet.lastGood);
            }
            if (end == Phase.Confirmed && !Objects.equals(node.active, desired)) {
                // It was away when the others moved, and failed when it caught up: it is where Abort wants it.
                boolean excused = node.wasAway && node.state() == State.Reverted;
                behind += excused ? 0 : 1;
            }
        }
        if (behind > quorum.mayFail(fleet.members().size())) {
            throw new AssertionError(behind + " nodes do not serve what was confirmed");
        }
        return end;
    }

    @Test
    void theOutcomeIsTheSameWhereverTheOperatorIsKilled() {
        for (int seed = 0; seed < 60; seed++) {
            FleetSimulation undisturbed = oneAttempt(seed, 0);
            assertThat(undisturbed.writes).isGreaterThan(5);
            for (int write = 1; write <= undisturbed.writes; write++) {
                FleetSimulation killed = oneAttempt(seed, write);
                assertThat(killed.status.phase())
                        .as("seed %d, killed after write %d", seed, write)
                        .isEqualTo(undisturbed.status.phase());
                assertThat(killed.nodes.stream().map(node -> node.active))
                        .as("seed %d, killed after write %d", seed, write)
                        .containsExactlyElementsOf(undisturbed.nodes.stream()
                                .map(node -> node.active)
                                .toList());
            }
        }
    }

    private static FleetSimulation oneAttempt(int seed, int killedAfter) {
        Random random = new Random(seed);
        int[] written = {0};
        var fleet = new FleetSimulation(
                fleet(random, 4, seed % 2 == 0 ? 0.0 : 0.2),
                policy(new Quorum.Reachable(), 1),
                () -> ++written[0] == killedAfter);
        for (int tick = 0; tick < 80; tick++) {
            fleet.tick("sha256:r1");
        }
        assertThat(fleet.settled()).isTrue();
        return fleet;
    }
}
