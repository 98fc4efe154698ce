package health.vantage.models.runner.node;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.artifact.Digest;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.journal.JournalEntry.Version;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which instructions come too late. The operator writes its decision before it tells a node, but an operator that has lost its lead may
 * still tell what it had decided before, with the same epoch.
 *
 * <ul>
 *   <li>An older epoch is ignored.
 *   <li>After an Abort, only Abort counts in that epoch: what was turned back comes again with the next epoch or not at all.
 *   <li>After a Confirm that was carried out, Stage and Activate change nothing. Abort changes nothing either while the confirmed version
 *       serves: confirmed and turned back exclude each other for the operator, so such an Abort is a stale one. Where the node has lost the
 *       version since (a damaged disk, say) Abort is obeyed: that is how the operator gives up on a single node.
 * </ul>
 */
final class Fence {
    private Fence() {}

    /** Why the instruction is not to be followed, as a half sentence; empty when it is. */
    static Optional<String> against(
            JournalEntry entry, ModelInstruction wish, Version target, Predicate<Digest> serves) {
        if (!owner(wish).equals(entry.deployment())) {
            // A deployment deleted and made anew while this node was away: it counts its epochs from the start.
            return Optional.empty();
        }
        if (wish.epoch() < entry.epoch()) {
            return Optional.of("this node is at epoch " + entry.epoch());
        }
        if (wish.epoch() > entry.epoch()) {
            return Optional.empty();
        }
        return switch (entry.ending()) {
            case OPEN -> Optional.empty();
            case ABORTED ->
                wish.step() == Step.Abort ? Optional.empty() : Optional.of("this epoch was aborted on this node");
            case CONFIRMED ->
                wish.step() != Step.Confirm
                                && serves.test(
                                        entry.current().map(Version::digest).orElse(target.digest()))
                        ? Optional.of("this epoch was confirmed on this node")
                        : Optional.empty();
        };
    }

    /** The UID of the deployment; empty without Kubernetes. */
    static String owner(ModelInstruction wish) {
        return wish.deployment() == null || wish.deployment().uid() == null
                ? ""
                : wish.deployment().uid();
    }
}
