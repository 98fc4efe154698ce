package health.vantage.models.operator.report;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.api.Condition;
import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import health.vantage.models.operator.rollout.Member;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the tools that people use conclude from the conditions, in each phase. */
class StatusReportTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final NodeFacts SERVES_NEW = ANode.named("n1")
            .told(Told.to(Step.Confirm).lastGood(Told.OLD, 4_000))
            .said(Said.is(State.Confirmed).serving(Told.NEW))
            .facts();
    private static final NodeFacts SERVES_OLD = ANode.named("n1")
            .told(Told.to(Step.Abort).lastGood(Told.OLD, 4_000))
            .said(Said.is(State.Reverted).serving(Told.OLD))
            .facts();

    @ParameterizedTest(name = "{0}: kstatus {1}, Argo CD {2}, still serves: {3}")
    @CsvSource({
        "Idle,       InProgress, Progressing, false",
        "Staging,    InProgress, Progressing, true",
        "Canary,     InProgress, Progressing, true",
        "Committing, InProgress, Progressing, true",
        "Soaking,    InProgress, Progressing, true",
        "Confirmed,  Current,    Healthy,     true",
        "Aborting,   InProgress, Progressing, true",
        "RolledBack, Failed,     Degraded,    true",
    })
    void everyToolComesToTheSameConclusion(Phase phase, String kstatus, String argo, boolean available) {
        var node = phase == Phase.Confirmed || phase == Phase.Soaking ? SERVES_NEW : SERVES_OLD;
        ModelDeploymentStatus status = report(phase, _ -> {}, phase == Phase.Idle ? new NodeFacts[0] : of(node));
        assertThat(kstatus(status)).isEqualTo(kstatus);
        assertThat(argo(status, false)).isEqualTo(argo);
        assertThat(is(status, ConditionType.Available)).isEqualTo(available);
        assertThat(is(status, ConditionType.Ready))
                .as("kubectl wait --for=condition=Ready")
                .isEqualTo(kstatus.equals("Current"));
    }

    @ParameterizedTest
    @EnumSource(Phase.class)
    void whatIsWrittenComesBackAsItWas(Phase phase) {
        ModelDeploymentStatus status = report(phase, _ -> {});
        assertThat(Serialization.unmarshal(Serialization.asJson(status), ModelDeploymentStatus.class))
                .as("else the status looks changed at every look, and is written again")
                .isEqualTo(status);
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"Confirmed", "RolledBack"})
    void aSpecThatNobodyHasLookedAtIsNeitherReadyNorFailed(Phase phase) {
        ModelDeployment deployment = deployment();
        deployment.setStatus(report(phase, _ -> {}, SERVES_NEW));
        deployment.getMetadata().setGeneration(3L);
        StatusDraft edited = StatusDraft.of(deployment, NOW);
        ModelDeploymentStatus status = summarise(deployment, edited, SERVES_NEW);
        assertThat(status.observedGeneration()).isEqualTo(3);
        assertThat(kstatus(status)).isEqualTo("InProgress");
        assertThat(argo(status, false)).isEqualTo("Progressing");
    }

    @Test
    void aNodeThatFellBehindIsNamed() {
        ModelDeploymentStatus status = report(Phase.Confirmed, _ -> {}, SERVES_OLD);
        assertThat(condition(status, ConditionType.Ready).reason()).isEqualTo("NodesBehind");
        assertThat(condition(status, ConditionType.Ready).message()).contains("n1");
        assertThat(kstatus(status)).isEqualTo("InProgress");
    }

    @Test
    void aRegistryThatIsAwayPassesAndAMissingTagDoesNot() {
        ModelDeploymentStatus away = report(
                Phase.Confirmed,
                draft -> draft.condition(ConditionType.Resolved, Status.False, Reason.RegistryUnavailable, "no answer"),
                SERVES_NEW);
        assertThat(kstatus(away)).isEqualTo("InProgress");
        ModelDeploymentStatus missing = report(
                Phase.Confirmed,
                draft -> draft.condition(ConditionType.Resolved, Status.False, Reason.TagNotFound, "no tag cv3-rtx"),
                SERVES_NEW);
        assertThat(kstatus(missing)).isEqualTo("Failed");
        assertThat(argo(missing, false)).isEqualTo("Degraded");
        assertThat(is(missing, ConditionType.Available)).isTrue();
    }

    @Test
    void aQuarantinedDigestSaysHowToClearIt() {
        ModelDeploymentStatus status = report(
                Phase.Confirmed,
                draft -> {
                    draft.desired = new RevisionRef("c", "3.0.0");
                    draft.barred =
                            Optional.of(new QuarantinedDigest("sha256:c", "3.0.0", "SoakFailed", "errors", null));
                },
                SERVES_NEW);
        assertThat(kstatus(status)).isEqualTo("Failed");
        assertThat(condition(status, ConditionType.Ready).message()).contains("kubectl model retry", "sha256:c");
    }

    @Test
    void aNewRevisionThatIsAboutToStartIsUnderWay() {
        ModelDeploymentStatus status =
                report(Phase.Confirmed, draft -> draft.desired = new RevisionRef("c", "3.0.0"), SERVES_NEW);
        assertThat(kstatus(status)).isEqualTo("InProgress");
        assertThat(is(status, ConditionType.Reconciling)).isTrue();
    }

    @Test
    void aPausedDeploymentThatWantsAnotherRevisionIsSuspended() {
        ModelDeployment deployment = deployment();
        deployment.getMetadata().setName(Told.MODEL);
        ModelDeploymentStatus status =
                report(Phase.Confirmed, draft -> draft.desired = new RevisionRef("c", "3.0.0"), true, SERVES_NEW);
        assertThat(argo(status, true)).isEqualTo("Suspended");
        assertThat(condition(status, ConditionType.Ready).reason()).isEqualTo("Paused");
    }

    /** Source: sigs.k8s.io/cli-utils, pkg/kstatus: generation, then Reconciling and Stalled, then Ready. */
    private static String kstatus(ModelDeploymentStatus status) {
        if (is(status, ConditionType.Reconciling)) {
            return "InProgress";
        }
        if (is(status, ConditionType.Stalled)) {
            return "Failed";
        }
        return is(status, ConditionType.Ready) ? "Current" : "InProgress";
    }

    /** Source: config/argocd/health/ModelDeployment.lua. */
    private static String argo(ModelDeploymentStatus status, boolean paused) {
        if (is(status, ConditionType.Ready)) {
            return "Healthy";
        }
        if (paused) {
            return "Suspended";
        }
        return is(status, ConditionType.Stalled) ? "Degraded" : "Progressing";
    }

    private static boolean is(ModelDeploymentStatus status, ConditionType type) {
        return condition(status, type).status() == Status.True;
    }

    private static Condition condition(ModelDeploymentStatus status, ConditionType type) {
        return status.conditions().stream()
                .filter(c -> c.type().equals(type.name()))
                .findFirst()
                .orElseThrow();
    }

    private static NodeFacts[] of(NodeFacts... nodes) {
        return nodes;
    }

    private static ModelDeploymentStatus report(Phase phase, Consumer<StatusDraft> learned, NodeFacts... nodes) {
        return report(phase, learned, false, nodes);
    }

    private static ModelDeploymentStatus report(
            Phase phase, Consumer<StatusDraft> learned, boolean paused, NodeFacts... nodes) {
        ModelDeployment deployment = paused ? deployment("paused: true, ") : deployment();
        StatusDraft draft = StatusDraft.of(deployment, NOW);
        draft.condition(ConditionType.Resolved, Status.True, Reason.Resolved, "found");
        draft.condition(ConditionType.Verified, Status.True, Reason.Verified, "signed");
        draft.condition(ConditionType.Placed, Status.True, Reason.Placed, "fits");
        draft.desired = new RevisionRef("b", "2.0.0");
        draft.lastGood = new RevisionRef("a", "1.0.0");
        draft.rollout = phase == Phase.Idle ? draft.rollout : rollout(phase);
        learned.accept(draft);
        return summarise(deployment, draft, nodes);
    }

    private static ModelDeploymentStatus summarise(ModelDeployment deployment, StatusDraft draft, NodeFacts... nodes) {
        List<NodeFacts> told = List.of(nodes);
        List<Member> members = told.stream()
                .flatMap(node -> Member.of(node, Told.MODEL, Told.UID, 2).stream())
                .toList();
        return StatusReport.summarise(draft, deployment.getSpec(), Told.MODEL, members, told, new Quorum.Reachable());
    }

    private static ModelDeployment deployment() {
        return deployment("");
    }

    private static ModelDeployment deployment(String spec) {
        return Serialization.unmarshal("""
                apiVersion: models.vantage.health/v1alpha1
                kind: ModelDeployment
                metadata: {name: retina-seg, namespace: imaging, uid: u, generation: 2}
                spec: {%smodel: {repository: r.example/m, capabilities: [cv3]}, tiers: [rtx]}
                """.formatted(spec), ModelDeployment.class);
    }

    private static RolloutStatus rollout(Phase phase) {
        boolean turnedBack = phase == Phase.Aborting || phase == Phase.RolledBack;
        return new RolloutStatus(
                2L,
                phase,
                "b",
                "2.0.0",
                "a",
                2L,
                NOW.toString(),
                NOW.toString(),
                null,
                1,
                0,
                0,
                0,
                0,
                "as told",
                turnedBack ? "SoakFailed" : null);
    }
}
