package health.vantage.models.operator.report;

import health.vantage.models.api.ModelDeploymentStatus;
import health.vantage.models.api.ModelDeploymentStatus.QuarantinedDigest;
import health.vantage.models.api.RolloutStatus.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Something worth an event: at transitions only, derived from two statuses. Pure.
 *
 * @param warning whether a person should look
 * @param name one CamelCase word
 */
public record Transition(boolean warning, String name, String message) {

    public static List<Transition> between(ModelDeploymentStatus before, ModelDeploymentStatus after) {
        var found = new ArrayList<Transition>();
        if (before.desired() != null
                && after.desired() != null
                && !before.desired().name().equals(after.desired().name())) {
            found.add(new Transition(
                    false,
                    "TagMoved",
                    "now means " + after.desired().version() + " ("
                            + after.desired().name() + "), was "
                            + before.desired().version()));
        }
        Phase was = before.rollout() == null ? Phase.Idle : before.rollout().phase();
        Phase is = after.rollout().phase();
        boolean newAttempt = before.rollout() == null
                || !Objects.equals(before.rollout().epoch(), after.rollout().epoch());
        if (was != is || newAttempt) {
            phase(after, is).ifPresent(found::add);
        }
        after.quarantined().stream()
                .filter(bad -> before.quarantined().stream()
                        .map(QuarantinedDigest::digest)
                        .noneMatch(bad.digest()::equals))
                .forEach(bad -> found.add(new Transition(
                        true,
                        "DigestQuarantined",
                        bad.digest() + " (" + bad.version() + ") is not tried again: " + bad.message()
                                + ". Clear it with `kubectl model retry`, or move the tag on")));
        return List.copyOf(found);
    }

    private static java.util.Optional<Transition> phase(ModelDeploymentStatus after, Phase is) {
        String version =
                after.rollout().version() + ", epoch " + after.rollout().epoch();
        String nodes = after.rollout().nodes() + " nodes";
        return switch (is) {
            case Idle -> java.util.Optional.empty();
            case Staging -> of(false, "RolloutStarted", version + ": staging on " + nodes);
            case Canary -> of(false, "StageCompleted", version + ": staged on " + nodes + ", canaries activate");
            case Committing -> of(false, "Committed", version + ": " + nodes + " activate");
            case Soaking -> of(false, "SoakStarted", version + ": serves on " + nodes + " and is watched");
            case Confirmed -> of(false, "Confirmed", version + " is the last good version now");
            case Aborting ->
                of(
                        true,
                        "RollbackStarted",
                        version + ": " + after.rollout().abortReason() + ": "
                                + after.rollout().message());
            case RolledBack ->
                of(
                        true,
                        "RolledBack",
                        version + " was turned back; "
                                + (after.lastGood() == null
                                        ? "there is no last good version"
                                        : after.lastGood().version() + " serves on"));
        };
    }

    private static java.util.Optional<Transition> of(boolean warning, String name, String message) {
        return java.util.Optional.of(new Transition(warning, name, message));
    }
}
