package health.vantage.models.operator.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ComputeTierStatus;
import health.vantage.models.api.ComputeTierStatus.FailedUpgrade;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runner pods are written {@code node:image:ready|down|young|going}; young: not ready, but made a minute ago. */
class RunnerUpgradeTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    @Test
    void nothingIsRestartedWhereEveryRunnerHasTheWantedImage() {
        assertThat(next("new", last("old", null), "a:new:ready", "b:new:ready").restart())
                .isEmpty();
    }

    @Test
    void anImageIsGoodOnceTheUpgradeIsThroughAndARunnerIsReady() {
        assertThat(next("new", last("old", "b"), "a:new:ready", "b:new:ready").lastGood())
                .contains("new");
        assertThat(next("new", last("old", null), "a:new:ready", "b:old:ready").lastGood())
                .contains("old");
        assertThat(next("new", last(null, null), "a:new:down").lastGood()).isEmpty();
    }

    @Test
    void aBrokenNodeDoesNotKeepTheOthersFromHavingALastGoodImage() {
        assertThat(next("new", last(null, null), "a:new:ready", "b:new:down").lastGood())
                .contains("new");
    }

    @Test
    void healthyRunnersAreTakenFirstOneAtATime() {
        var first = next("new", last("old", null), "a:old:down", "b:old:ready", "c:old:ready");
        assertThat(first.restart().map(RunnerUpgradeTest::node)).contains("b");
        assertThat(first.taken()).contains("b");
        assertThat(next("new", last("old", "b"), "a:old:down", "b:new:young", "c:old:ready")
                        .restart())
                .isEmpty();
        assertThat(next("new", last("old", "b"), "a:old:down", "b:new:ready", "c:old:ready")
                        .taken())
                .contains("c");
        assertThat(next("new", last("old", "c"), "a:old:down", "b:new:ready", "c:new:ready")
                        .restart()
                        .map(RunnerUpgradeTest::node))
                .contains("a");
    }

    @Test
    void anOperatorKilledBeforeTheRestartRestartsTheSameOne() {
        assertThat(next("new", last("old", "c"), "b:old:ready", "c:old:ready")
                        .restart()
                        .map(RunnerUpgradeTest::node))
                .contains("c");
    }

    @Test
    void nothingElseIsTakenWhileTheTakenOneHasNoPod() {
        assertThat(next("new", last("old", "c"), List.of("a", "c"), "a:old:ready")
                        .restart())
                .isEmpty();
        assertThat(next("new", last("old", null), "a:old:going", "b:old:ready").restart())
                .isEmpty();
    }

    @Test
    void aNodeThatIsAwayHoldsNobodyUp() {
        var upgrade = next("new", last("old", null), List.of("b"), "a:old:down", "b:old:ready");
        assertThat(upgrade.restart().map(RunnerUpgradeTest::node)).contains("b");
        var going = next("new", last("old", null), List.of("b"), "a:old:going", "b:old:ready");
        assertThat(going.restart().map(RunnerUpgradeTest::node)).contains("b");
        assertThat(next("new", last("old", "a"), List.of("b"), "a:new:down", "b:old:ready")
                        .taken())
                .as("one that went away after it was taken is not waited for")
                .contains("b");
        assertThat(next("new", last("old", null), List.of("b"), "a:old:down", "b:new:ready")
                        .lastGood())
                .contains("new");
    }

    @Test
    void aHealthyNodeThatDoesNotComeBackTakesTheTierBack() {
        var upgrade = next("new", last("old", "b"), "a:new:ready", "b:new:down", "c:old:ready");
        assertThat(upgrade.failed()).contains(new FailedUpgrade("new", "b"));
        assertThat(upgrade.image()).isEqualTo("old");
        assertThat(upgrade.restart().map(RunnerUpgradeTest::node))
                .as("the one that is down first")
                .contains("b");
        assertThat(upgrade.taken()).isEmpty();
        assertThat(upgrade.lastGood()).contains("old");
    }

    @Test
    void theOnlyNodeOfATierGoesBackToo() {
        var upgrade = next("new", last("old", "a"), "a:new:down");
        assertThat(upgrade.image()).isEqualTo("old");
        assertThat(upgrade.restart()).isPresent();
    }

    @Test
    void anImageThatFailedIsNotTriedAgainUntilAnotherIsWanted() {
        var remembered =
                new ComputeTierStatus(null, null, null, null, null, null, "old", null, new FailedUpgrade("new", "b"));
        assertThat(next("new", remembered, "a:old:ready", "b:old:ready").image())
                .isEqualTo("old");
        var third = next("third", remembered, "a:old:ready", "b:old:ready");
        assertThat(third.image()).isEqualTo("third");
        assertThat(third.failed()).isEmpty();
        assertThat(third.restart()).isPresent();
    }

    @Test
    void aNodeThatWasBrokenBeforeProvesNothingAndHoldsNobodyUp() {
        var upgrade = next("new", last("old", null), "a:new:down", "b:old:ready");
        assertThat(upgrade.failed()).isEmpty();
        assertThat(upgrade.restart().map(RunnerUpgradeTest::node)).contains("b");
    }

    @Test
    void withoutALastGoodImageThereIsNothingToGoBackTo() {
        var upgrade = next("new", last(null, "a"), "a:new:down", "b:old:down");
        assertThat(upgrade.failed()).isEmpty();
        assertThat(upgrade.image()).isEqualTo("new");
    }

    private static ComputeTierStatus last(String goodImage, String taken) {
        return new ComputeTierStatus(null, null, null, null, null, null, goodImage, taken, null);
    }

    private static RunnerUpgrade next(String wanted, ComputeTierStatus last, String... pods) {
        var nodes = Stream.of(pods).map(pod -> pod.split(":")[0]).toList();
        return next(wanted, last, nodes, pods);
    }

    private static RunnerUpgrade next(String wanted, ComputeTierStatus last, List<String> reachable, String... pods) {
        var all = new ArrayList<Pod>();
        for (String pod : pods) {
            String[] words = pod.split(":");
            all.add(pod(words[0], words[1], words[2]));
        }
        Set<String> nodes = new TreeSet<>(reachable);
        return RunnerUpgrade.next(wanted, last, all, nodes, NOW);
    }

    private static String node(Pod pod) {
        return pod.getSpec().getNodeName();
    }

    private static Pod pod(String node, String image, String how) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("runner-" + node)
                .withCreationTimestamp(
                        NOW.minusSeconds(how.equals("young") ? 60 : 3600).toString())
                .withDeletionTimestamp(how.equals("going") ? NOW.toString() : null)
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .addNewContainer()
                .withName("runner")
                .withImage(image)
                .endContainer()
                .endSpec()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(how.equals("ready") ? "True" : "False")
                .endCondition()
                .endStatus()
                .build();
    }
}
