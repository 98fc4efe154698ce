package health.vantage.models.operator.rollout;

import health.vantage.models.operator.Reason;
import health.vantage.models.operator.plan.Quorum;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Waits for nodes: the part that staging, canary and commit have in common.
 *
 * @param asked the nodes it waits for
 * @param done whether a node has done what it was asked
 */
record Progress(List<Member> asked, Predicate<Member> done, Quorum quorum) {

    Verdict judge(Duration age, Duration timeout, Reason onFailure, Reason onTimeout, Verdict whenDone, String doing) {
        List<Member> lost = asked.stream().filter(Member::lost).toList();
        int mayFail = quorum.mayFail(asked.size());
        if (lost.size() > mayFail) {
            return new Verdict.TurnBack(Fault.ofNodes(onFailure, lost, asked.size()));
        }
        List<Member> finished = asked.stream().filter(done).toList();
        List<Member> waitedFor = asked.stream()
                .filter(member -> !member.lost() && !done.test(member) && counts(member))
                .toList();
        if (waitedFor.isEmpty() && !finished.isEmpty()) {
            return whenDone;
        }
        if (age.compareTo(timeout) >= 0) {
            return finished.isEmpty() || lost.size() + waitedFor.size() > mayFail
                    ? timedOut(lost, waitedFor, onTimeout, doing, timeout)
                    : whenDone;
        }
        return new Verdict.Stay(doing + ": " + finished.size() + " of " + asked.size() + " nodes");
    }

    /** A node that cannot be reached is waited for only where the spec insists on it. */
    private boolean counts(Member member) {
        return member.reachable() || !(quorum instanceof Quorum.Reachable);
    }

    private static Verdict timedOut(
            List<Member> lost, List<Member> waitedFor, Reason onTimeout, String doing, Duration timeout) {
        List<Member> guilty = Stream.concat(lost.stream(), waitedFor.stream()).toList();
        if (guilty.isEmpty()) {
            return new Verdict.TurnBack(Fault.ofNobody(
                    Reason.NoReachableNodes, doing + ": no node could be reached within " + seconds(timeout)));
        }
        Fault fault = Fault.ofNodes(onTimeout, guilty, guilty.size());
        return new Verdict.TurnBack(new Fault(
                onTimeout,
                doing + " took longer than " + seconds(timeout) + " on "
                        + guilty.getFirst().name()
                        + (guilty.size() == 1 ? "" : " and " + (guilty.size() - 1) + " more nodes"),
                java.util.Set.of(),
                fault.nodes()));
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
