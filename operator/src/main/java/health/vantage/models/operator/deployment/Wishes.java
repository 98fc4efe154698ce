package health.vantage.models.operator.deployment;

import health.vantage.models.api.ModelDeployment;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.DeploymentRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.Verification;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Plan;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.rollout.Instructions;
import health.vantage.models.operator.rollout.Member;
import health.vantage.models.operator.rollout.Policy;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The instructions of one deployment in the phase that has been written. Pure.
 *
 * @param verification what nodes that are told for the first time verify again
 */
record Wishes(Observed observed, StatusDraft draft, Policy policy, Verification verification) {

    /** The first instruction of this epoch to a node. */
    ModelInstruction first(Plan.Placement placement, Step step) {
        ModelDeployment deployment = observed.deployment();
        Optional<ModelRevision> target = observed.revision(draft.rollout.revision());
        String tier = placement.node().tier();
        return new ModelInstruction(
                observed.name(),
                new DeploymentRef(observed.namespace(), observed.name(), observed.uid()),
                draft.rollout.epoch(),
                step,
                target.flatMap(revision -> artifact(revision, tier)).orElseThrow(),
                previous(placement.node()).orElse(null),
                quarantined(),
                verification,
                placement.fit().device(),
                placement.fit().loadBeside(),
                deployment.getSpec().historyLimit(),
                policy.maxErrorRate());
    }

    /** What a node that already takes part is told now; equal to what it was told if nothing changed. */
    ModelInstruction next(Member member) {
        ModelInstruction told = member.told();
        return new ModelInstruction(
                told.name(),
                told.deployment(),
                told.epoch(),
                Instructions.stepFor(draft.rollout, member),
                told.target(),
                told.lastGood(),
                quarantined(),
                told.verify(),
                told.device(),
                told.loadBeside(),
                told.historyLimit(),
                told.maxErrorRate());
    }

    /**
     * Where an abort returns to. A ModelRevision can be deleted by anybody who may; the node's own instruction of before
     * still says what it serves.
     */
    private Optional<ArtifactRef> previous(NodeFacts node) {
        String name = draft.rollout.previous();
        return observed.revision(name)
                .flatMap(revision -> artifact(revision, node.tier()))
                .or(() -> node.instruction(observed.name())
                        .filter(told -> told.deployment().uid().equals(observed.uid()))
                        .flatMap(told -> Stream.of(Optional.of(told.target()), told.returnTo())
                                .flatMap(Optional::stream)
                                .filter(artifact -> name != null && name.equals(artifact.revision()))
                                .findFirst()));
    }

    private List<String> quarantined() {
        return draft.quarantined.stream()
                .map(QuarantinedDigest::digest)
                .sorted()
                .toList();
    }

    private static Optional<ArtifactRef> artifact(ModelRevision revision, String tier) {
        return revision.getSpec()
                .forTier(tier)
                .map(artifact -> new ArtifactRef(
                        revision.getSpec().repository(),
                        artifact.digest(),
                        revision.getMetadata().getName(),
                        revision.getSpec().version(),
                        artifact.vramMiB(),
                        artifact.sizeBytes()));
    }
}
