package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import java.util.List;
import java.util.Optional;

/**
 * Decides one step of an attempt: values in, values out.
 *
 * @param next the status to write before any node is told
 * @param fault why it is turned back, if it was just now
 * @param failing nodes that failed or went back, at most 10
 */
public record RolloutDecision(RolloutStatus next, Optional<Fault> fault, List<NodeProblem> failing) {
    private static final int MOST_FAILING = 10;

    public static RolloutDecision decide(Attempt attempt) {
        RolloutStatus status = attempt.status();
        Verdict verdict =
                switch (status.phase()) {
                    case Staging -> new StagingRule().judge(attempt);
                    case Canary -> new CanaryRule().judge(attempt);
                    case Committing -> new CommittingRule().judge(attempt);
                    case Soaking -> new SoakingRule().judge(attempt);
                    case Aborting -> new AbortingRule().judge(attempt);
                    case Idle, Confirmed, RolledBack -> new Verdict.Stay(status.message());
                };
        return switch (verdict) {
            case Verdict.Stay stay ->
                new RolloutDecision(
                        moved(attempt, status.phase(), stay.message(), status.abortReason()),
                        Optional.empty(),
                        failing(attempt));
            case Verdict.Advance advance ->
                new RolloutDecision(
                        moved(attempt, advance.next(), settledMessage(status, advance), status.abortReason()),
                        Optional.empty(),
                        failing(attempt));
            case Verdict.TurnBack back ->
                new RolloutDecision(
                        moved(
                                attempt,
                                Phase.Aborting,
                                back.fault().message(),
                                back.fault().reason().name()),
                        Optional.of(back.fault()),
                        back.fault().nodes().stream().limit(MOST_FAILING).toList());
        };
    }

    /** After an abort the interesting thing is still why it was turned back. */
    private static String settledMessage(RolloutStatus status, Verdict.Advance advance) {
        return advance.next() == Phase.RolledBack ? status.message() : advance.message();
    }

    private static RolloutStatus moved(Attempt attempt, Phase phase, String message, String abortReason) {
        RolloutStatus old = attempt.status();
        // While aborting, the message keeps saying why.
        String said = old.phase() == Phase.Aborting && phase == Phase.Aborting ? old.message() : message;
        return new RolloutStatus(
                old.epoch(),
                phase,
                old.revision(),
                old.version(),
                old.previous(),
                old.generation(),
                old.startedAt(),
                phase == old.phase() ? old.phaseSince() : attempt.now().toString(),
                phase == Phase.Canary && old.phase() == Phase.Staging ? Canaries.choose(attempt) : old.canaries(),
                old.phase() == Phase.Staging && phase == Phase.Staging
                        ? old.nodes()
                        : Integer.valueOf(attempt.members().size()),
                count(attempt, Member::staged),
                count(attempt, Member::serves),
                count(attempt, RolloutDecision::confirmed),
                count(attempt, Member::lost),
                said,
                abortReason);
    }

    private static boolean confirmed(Member member) {
        return member.serves()
                && member.report().orElseThrow().state() == health.vantage.models.api.ModelNodeStatus.State.Confirmed;
    }

    private static int count(Attempt attempt, java.util.function.Predicate<Member> what) {
        return (int) attempt.members().stream().filter(what).count();
    }

    private static List<NodeProblem> failing(Attempt attempt) {
        List<Member> lost = attempt.members().stream().filter(Member::lost).toList();
        return lost.stream()
                .filter(member -> member.report().orElseThrow().reason() != null)
                .map(member -> new NodeProblem(
                        member.name(),
                        member.report().orElseThrow().reason(),
                        member.report().orElseThrow().message()))
                .limit(MOST_FAILING)
                .toList();
    }
}
