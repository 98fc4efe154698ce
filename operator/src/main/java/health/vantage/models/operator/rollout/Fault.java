package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelDeploymentStatus.NodeProblem;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.operator.Reason;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Why an attempt is turned back, and whose fault it is.
 *
 * @param quarantine digests to blame: empty for a fault of a node or of the surroundings
 * @param nodes the nodes that failed
 */
public record Fault(Reason reason, String message, Set<String> quarantine, List<NodeProblem> nodes) {
    /** A node that says one of these has proven the artifact bad, not itself: the bytes are the same everywhere. */
    private static final Set<String> ARTIFACT_REASONS = Set.of(
            "IntegrityMismatch",
            "PreflightFailed",
            "CrashedOnLoad",
            "SignatureInvalid",
            "NoSignature",
            "NoAttestation",
            "AttestationInvalid",
            "InvalidMetadata",
            "UnsupportedArtifact",
            "InsecureArchive");

    static Fault ofNobody(Reason reason, String message) {
        return new Fault(reason, message, Set.of(), List.of());
    }

    /**
     * Blames the artifact if a node proved it bad, or several nodes failed, or all did; else the one node.
     *
     * @param among how many nodes were asked
     */
    static Fault ofNodes(Reason otherwise, List<Member> failed, int among) {
        boolean several = failed.size() > 1 || failed.size() == among && otherwise == Reason.SoakFailed;
        Set<String> blamed = failed.stream()
                .filter(member -> several || ARTIFACT_REASONS.contains(reasonOf(member, otherwise)))
                .filter(member -> !isSurroundings(reasonOf(member, otherwise)))
                .map(member -> member.told().target().digest())
                .collect(Collectors.toUnmodifiableSet());
        List<NodeProblem> problems =
                failed.stream().map(member -> problem(member, otherwise)).toList();
        NodeProblem first = problems.getFirst();
        String others = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more nodes)";
        return new Fault(
                Reason.of(first.reason(), otherwise),
                "node " + first.node() + ": " + first.message() + others,
                blamed,
                problems);
    }

    private static boolean isSurroundings(String reason) {
        return Set.of(
                        "DiskFull",
                        "RegistryUnavailable",
                        "RegistryDenied",
                        "KeyMissing",
                        "StageTimeout",
                        "ActivateTimeout",
                        "NodeUnreachable")
                .contains(reason);
    }

    private static NodeProblem problem(Member member, Reason otherwise) {
        String message = member.report()
                .map(ModelState::message)
                .filter(said -> !said.isBlank())
                .orElse(member.reachable() ? "gave no reason" : "the node cannot be reached");
        return new NodeProblem(member.name(), reasonOf(member, otherwise), message);
    }

    private static String reasonOf(Member member, Reason otherwise) {
        return member.report()
                .filter(said -> member.lost())
                .map(ModelState::reason)
                .filter(said -> said != null && !said.isBlank())
                .orElse(otherwise.name());
    }
}
