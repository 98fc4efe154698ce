package health.vantage.models.operator.plan;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import java.util.List;
import java.util.Optional;

/**
 * How much memory each instruction on a node holds: derived anew at every decision, never stored.
 *
 * <p>Last good stays reserved until the node says that it confirmed, and a target until the node says that it is gone: an
 * abort needs the room to go back, and between our word and the node's deed both may still be loaded.
 */
final class Holdings {
    private Holdings() {}

    static List<Holding> ofOthers(NodeFacts node, String ownUid) {
        return node.instructions().stream()
                .filter(instruction -> !instruction.deployment().uid().equals(ownUid))
                .map(instruction -> new Holding(
                        instruction.deployment().namespace() + "/"
                                + instruction.deployment().name(),
                        instruction.device(),
                        held(instruction, node.report(instruction.name()))))
                .toList();
    }

    /** What the instruction may use at its peak. */
    static long held(ModelInstruction instruction, Optional<ModelState> report) {
        long target = instruction.target().vramMiB();
        long old = instruction.returnTo().map(ArtifactRef::vramMiB).orElse(0L);
        boolean sameArtifact = instruction
                .returnTo()
                .filter(good -> good.digest().equals(instruction.target().digest()))
                .isPresent();
        long peak = sameArtifact ? target : instruction.loadBeside() ? target + old : Math.max(target, old);
        return switch (instruction.step()) {
            case Confirm -> says(State.Confirmed, instruction, report) ? target : peak;
            case Abort -> says(State.Reverted, instruction, report) ? old : peak;
            case Stage, Activate -> peak;
        };
    }

    /** What of this deployment serves on the node now. */
    static long serving(ModelInstruction own) {
        return switch (own.step()) {
            case Confirm -> own.target().vramMiB();
            case Stage, Activate, Abort ->
                own.returnTo().map(ArtifactRef::vramMiB).orElse(0L);
        };
    }

    private static boolean says(State state, ModelInstruction instruction, Optional<ModelState> report) {
        return report.filter(said -> said.epoch().equals(instruction.epoch()) && said.state() == state)
                .isPresent();
    }
}
