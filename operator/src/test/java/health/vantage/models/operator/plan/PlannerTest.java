package health.vantage.models.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.ModelDeploymentSpec.Placement;
import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.ModelDeploymentStatus.TierPlan;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.operator.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
    private static Plan plan(AClaim claim, ANode... nodes) {
        return Planner.plan(claim.claim(), List.of(), facts(nodes));
    }

    private static List<NodeFacts> facts(ANode... nodes) {
        return Stream.of(nodes).map(ANode::facts).toList();
    }

    private static List<String> placed(Plan plan) {
        return plan.placements().stream().map(p -> p.node().name()).toList();
    }

    private static Plan.Refusal refusal(Plan plan) {
        assertThat(plan.placements())
                .as("a refused plan tells no node anything")
                .isEmpty();
        return plan.refusal().orElseThrow();
    }

    @Test
    void everyTierMustTakeIt() {
        AClaim claim = AClaim.mine().on("jetson", 3_000).on("rtx", 4_000);
        Plan both = plan(claim, ANode.named("j1").tier("jetson").gpus(5_000), ANode.named("r1"));
        assertThat(both.refusal()).isEmpty();
        assertThat(placed(both)).containsExactly("j1", "r1");

        Plan one = plan(claim, ANode.named("j1").tier("jetson").gpus(2_000), ANode.named("r1"));
        assertThat(refusal(one).reason()).isEqualTo(Reason.InsufficientVRAM);
        assertThat(one.tiers()).extracting(TierPlan::fitting).containsExactly(0, 1);
    }

    @Test
    void eachTierGetsItsOwnArtifact() {
        Plan plan = plan(
                AClaim.mine().on("jetson", 3_000).on("rtx", 4_000),
                ANode.named("j1").tier("jetson").gpus(5_000),
                ANode.named("r1"));
        assertThat(plan.placements())
                .extracting(p -> p.artifact().digest())
                .containsExactly("sha256:retina-seg-jetson", "sha256:retina-seg-rtx");
    }

    @Test
    void firstFitTakesTheFirstTierInOrderThatCan() {
        AClaim claim =
                AClaim.mine().placed(Placement.FirstFit).on("jetson", 6_000).on("rtx", 4_000);
        assertThat(placed(plan(claim, ANode.named("j1").tier("jetson").gpus(7_000), ANode.named("r1"))))
                .containsExactly("j1");
        Plan gated = plan(claim, ANode.named("j1").tier("jetson").gpus(5_000), ANode.named("r1"));
        assertThat(placed(gated)).containsExactly("r1");
        assertThat(gated.refusal()).isEmpty();
        assertThat(gated.tiers())
                .as("the status shows why the preferred tier was passed over")
                .extracting(TierPlan::fitting)
                .containsExactly(0, 1);
    }

    @Test
    void firstFitThatFitsNowhereSaysWhyNotOnThePreferredTier() {
        Plan plan = plan(
                AClaim.mine().placed(Placement.FirstFit).on("jetson", 6_000).on("rtx", 60_000),
                ANode.named("j1").tier("jetson").gpus(5_000),
                ANode.named("r1"));
        assertThat(refusal(plan).message()).startsWith("tier jetson: 0 of 1 nodes");
    }

    @ParameterizedTest(name = "{0} with {1} small and {2} away of 10: starts {3}")
    @CsvSource({
        "All, 0, 0, true",
        "All, 1, 0, false",
        "All, 0, 1, false",
        "Reachable, 0, 9, true",
        "Reachable, 9, 0, true",
        "Reachable, 0, 10, false",
        "90%, 1, 0, true",
        "90%, 0, 1, true",
        "90%, 1, 1, false",
        "90%, 2, 0, false",
    })
    void requireNodesSaysWhichNodesMustBeAble(String quorum, int small, int away, boolean starts) {
        ANode[] nodes = IntStream.range(0, 10)
                .mapToObj(i -> {
                    ANode node = ANode.named("n" + i);
                    return i < small ? node.gpus(1_000) : i < small + away ? node.away() : node;
                })
                .toArray(ANode[]::new);
        Plan plan = plan(AClaim.mine().needs(Quorum.parse(quorum)), nodes);
        assertThat(plan.refusal().isEmpty()).isEqualTo(starts);
        assertThat(plan.placements()).hasSize(starts ? 10 - small - away : 0);
    }

    @ParameterizedTest
    @CsvSource({"Reachable, true", "All, true", "50%, false"})
    void aNodeThatServesTodayAndCannotTakeTheNextOneBlocks(String quorum, boolean blocks) {
        ANode serves = ANode.named("n1").gpus(5_000).told(Told.to(Step.Confirm).target(Told.OLD, 3_000));
        Plan plan = plan(AClaim.mine().on("rtx", 6_000).needs(Quorum.parse(quorum)), serves, ANode.named("n2"));
        assertThat(plan.refusal().isPresent()).isEqualTo(blocks);
        plan.refusal().ifPresent(why -> assertThat(why.message()).contains("1 of 2 nodes", "n1: needs 6000 MiB"));
    }

    @Test
    void aNodeThatNeverServedAndIsTooSmallIsPassedOver() {
        assertThat(placed(plan(AClaim.mine(), ANode.named("n1").gpus(1_000), ANode.named("n2"))))
                .containsExactly("n2");
    }

    @Test
    void aNodeThatServesAndIsMerelyAwayDoesNotBlock() {
        ANode away = ANode.named("n1").away().told(Told.to(Step.Confirm).target(Told.OLD, 3_000));
        assertThat(placed(plan(AClaim.mine(), away, ANode.named("n2")))).containsExactly("n2");
    }

    @Test
    void anUnreachableNodeTakesNoPartAndIsShown() {
        Plan plan = plan(AClaim.mine(), ANode.named("n1").away(), ANode.named("n2"));
        assertThat(plan.tiers().getFirst().misfits())
                .extracting(NodeProblem::node, NodeProblem::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("n1", "NodeUnreachable"));
    }

    @Test
    void aNodeThatIsTooSmallTellsMoreThanOneThatIsAway() {
        Plan plan =
                plan(AClaim.mine(), ANode.named("n1").away(), ANode.named("n2").gpus(1_000));
        assertThat(refusal(plan).reason()).isEqualTo(Reason.InsufficientVRAM);
        assertThat(refusal(plan(AClaim.mine(), ANode.named("n1").away())).reason())
                .isEqualTo(Reason.NodeUnreachable);
    }

    @Test
    void aNodeThatNobodyKnowsTheMemoryOfNeverFits() {
        Plan plan = plan(AClaim.mine(), ANode.named("n1").gpus());
        assertThat(refusal(plan).reason()).isEqualTo(Reason.UnknownMemory);
    }

    @Test
    void aTierWithoutNodesNamesTheSelectorToCheck() {
        Plan plan = plan(AClaim.mine(), ANode.named("j1").tier("jetson"));
        assertThat(refusal(plan).reason()).isEqualTo(Reason.NoMatchingNodes);
        assertThat(refusal(plan).message()).contains("ComputeTier rtx", "nodeSelector");
    }

    @Test
    void aTierTheRevisionDoesNotKnowIsRefused() {
        Plan plan = plan(AClaim.mine().on("rtx", 4_000).onUnresolved("dgx"), ANode.named("n1"));
        assertThat(refusal(plan).reason()).isEqualTo(Reason.UnknownTier);
    }

    @Test
    void aNameThatAnotherDeploymentServesIsAConflict() {
        ANode taken = ANode.named("n1").told(Told.to(Step.Confirm).byUid("uid-of-another"));
        assertThat(refusal(plan(AClaim.mine(), taken)).reason()).isEqualTo(Reason.NameConflict);
    }

    @Test
    void theFirstToGoIsTheOneWithPriorityThenAgeThenUid() {
        List<Claim> sorted = new ArrayList<>(List.of(
                AClaim.of("urgent").priority(10).created("2026-09-01T00:00:00Z").claim(),
                AClaim.of("old").created("2026-01-01T00:00:00Z").claim(),
                AClaim.of("twin-a").created("2026-02-01T00:00:00Z").uid("a").claim(),
                AClaim.of("twin-b").created("2026-02-01T00:00:00Z").uid("b").claim(),
                AClaim.of("idle").priority(-5).created("2020-01-01T00:00:00Z").claim()));
        Collections.shuffle(sorted, new Random(7));
        sorted.sort(Claim.PRECEDENCE);
        assertThat(sorted).extracting(Claim::model).containsExactly("urgent", "old", "twin-a", "twin-b", "idle");
    }

    @Test
    void whoGoesFirstTakesTheMemoryAndTheLoserIsToldWhoHasIt() {
        Claim first = AClaim.of("dicom-ocr").priority(1).on("rtx", 6_000).claim();
        Claim second = AClaim.mine().on("rtx", 6_000).claim();
        List<NodeFacts> nodes = facts(ANode.named("n1").gpus(8_000));

        assertThat(Planner.plan(first, List.of(second), nodes).refusal()).isEmpty();
        assertThat(refusal(Planner.plan(second, List.of(first), nodes)).message())
                .contains("imaging/dicom-ocr holds 6000 MiB");
    }

    @Test
    void whoGoesBehindTakesNothingEvenWhenItIsListed() {
        Claim behind = AClaim.of("dicom-ocr").priority(-1).on("rtx", 8_000).claim();
        assertThat(Planner.plan(
                                AClaim.mine().claim(),
                                List.of(behind),
                                facts(ANode.named("n1").gpus(8_000)))
                        .refusal())
                .isEmpty();
    }

    @Test
    void anAheadThatCouldNotStartAnywayHoldsNothingBack() {
        Claim tooBig = AClaim.of("dicom-ocr")
                .priority(1)
                .on("rtx", 6_000)
                .on("dgx", 6_000)
                .claim();
        assertThat(Planner.plan(
                                AClaim.mine().on("rtx", 6_000).claim(),
                                List.of(tooBig),
                                facts(ANode.named("n1").gpus(8_000)))
                        .refusal())
                .as("dicom-ocr has no dgx node, so it will not start")
                .isEmpty();
    }

    @Test
    void theOneAheadOfTheOneAheadIsCountedFirst() {
        Claim first = AClaim.of("a").priority(2).on("rtx", 6_000).claim();
        Claim second = AClaim.of("b").priority(1).on("rtx", 6_000).claim();
        Claim mine = AClaim.mine().on("rtx", 2_000).claim();
        Plan plan = Planner.plan(
                mine, List.of(second, first), facts(ANode.named("n1").gpus(8_000)));
        assertThat(plan.refusal())
                .as("b cannot start after a, so 2,000 MiB are left")
                .isEmpty();
    }

    @Test
    void aHundredContendersNeverPromiseAGpuTwice() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<NodeFacts> nodes = facts(
                    ANode.named("n1").gpus(10_000, 12_000), ANode.named("n2").gpus(9_000));
            List<Claim> claims = IntStream.range(0, 6)
                    .mapToObj(i -> AClaim.of("m" + i)
                            .priority(random.nextInt(3))
                            .created("2026-01-0" + (1 + random.nextInt(3)) + "T00:00:00Z")
                            .on("rtx", 1_000 + random.nextInt(8_000))
                            .claim())
                    .toList();
            var held = new java.util.HashMap<String, Long>();
            for (Claim claim : claims) {
                Planner.plan(claim, claims, nodes)
                        .placements()
                        .forEach(p -> held.merge(
                                p.node().name() + "/" + p.fit().device(),
                                p.artifact().vramMiB(),
                                Long::sum));
            }
            assertThat(held.getOrDefault("n1/0", 0L)).as("seed %d", seed).isLessThanOrEqualTo(10_000);
            assertThat(held.getOrDefault("n1/1", 0L)).as("seed %d", seed).isLessThanOrEqualTo(12_000);
            assertThat(held.getOrDefault("n2/0", 0L)).as("seed %d", seed).isLessThanOrEqualTo(9_000);
        }
    }

    @Test
    void twoThousandMisfitsAreCountedButOnlyTenAreListed() {
        List<NodeFacts> nodes = IntStream.range(0, 2_000)
                .mapToObj(i -> ANode.named("n%04d".formatted(i)).gpus(1_000).facts())
                .toList();
        Plan plan = Planner.plan(AClaim.mine().claim(), List.of(), nodes);
        TierPlan tier = plan.tiers().getFirst();
        assertThat(tier.nodes()).isEqualTo(2_000);
        assertThat(tier.fitting()).isZero();
        assertThat(tier.misfits()).hasSize(10);
        assertThat(refusal(plan).message()).contains("0 of 2000 nodes", "n0000").hasSizeLessThan(500);
    }

    @Test
    void theOrderInWhichNodesAreListedChangesNothing() {
        List<NodeFacts> nodes = new ArrayList<>(facts(
                ANode.named("n3"),
                ANode.named("n1").gpus(1_000),
                ANode.named("n2").away(),
                ANode.named("n4")));
        Plan expected = Planner.plan(AClaim.mine().claim(), List.of(), nodes);
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(nodes, new Random(seed));
            assertThat(Planner.plan(AClaim.mine().claim(), List.of(), nodes)).isEqualTo(expected);
        }
        assertThat(placed(expected)).containsExactly("n3", "n4");
    }
}
