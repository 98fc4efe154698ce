package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.ANode;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Builds an attempt: epoch 2, from 1.0.0 to 2.0.0, reachable nodes, one canary, 15 m to stage, 2 m to activate, 60 s of
 * soak, 1 % errors, 3 times the 10 ms that the metadata declares. The phase began a second ago.
 */
final class AnAttempt {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final Duration STAGE_TIMEOUT = Duration.ofMinutes(15);
    static final Duration ACTIVATE_TIMEOUT = Duration.ofMinutes(2);
    static final Duration SOAK = Duration.ofSeconds(60);

    private final Phase phase;
    private final List<Member> members = new ArrayList<>();
    private List<String> canaries = List.of();
    private Duration age = Duration.ofSeconds(1);
    private Quorum quorum = new Quorum.Reachable();
    private int canaryNodes = 1;
    private int expected = -1;
    private boolean superseded;
    private boolean first;
    private double maxErrorRate = 0.01;
    private Map<String, Double> latencyMs = Map.of("rtx", 10.0, "jetson", 40.0);
    private String message;
    private String abortReason;

    private AnAttempt(Phase phase) {
        this.phase = phase;
    }

    static AnAttempt in(Phase phase) {
        return new AnAttempt(phase);
    }

    /** A reachable node of tier rtx that says this, or nothing yet if null. */
    AnAttempt node(String name, Said said) {
        return member(ANode.named(name), said);
    }

    AnAttempt away(String name, Said said) {
        return member(ANode.named(name).away(), said);
    }

    AnAttempt nodes(int count, Said said) {
        for (int i = 0; i < count; i++) {
            node("more-%02d".formatted(i), said);
        }
        return this;
    }

    AnAttempt member(ANode node, Said said) {
        Told told = Told.to(Step.Stage).target(Told.NEW, 4_000);
        node.told(first ? told : told.lastGood(Told.OLD, 3_000));
        if (said != null) {
            node.said(said);
        }
        members.add(Member.of(node.facts(), Told.MODEL, Told.UID, 2).orElseThrow());
        return this;
    }

    AnAttempt firstEver() {
        first = true;
        return this;
    }

    AnAttempt canaries(String... names) {
        canaries = List.of(names);
        return this;
    }

    AnAttempt canaryNodes(int perTier) {
        canaryNodes = perTier;
        return this;
    }

    AnAttempt age(Duration since) {
        age = since;
        return this;
    }

    AnAttempt needs(Quorum nodes) {
        quorum = nodes;
        return this;
    }

    /** How many nodes the frozen plan has, where not all carry an instruction yet. */
    AnAttempt expecting(int nodes) {
        expected = nodes;
        return this;
    }

    AnAttempt superseded() {
        superseded = true;
        return this;
    }

    AnAttempt maxErrorRate(double rate) {
        maxErrorRate = rate;
        return this;
    }

    AnAttempt undeclaredLatency() {
        latencyMs = Map.of();
        return this;
    }

    AnAttempt because(String reason, String why) {
        abortReason = reason;
        message = why;
        return this;
    }

    Attempt attempt() {
        return new Attempt(
                new RolloutStatus(
                        2L,
                        phase,
                        "retina-seg-2",
                        "2.0.0",
                        first ? null : "retina-seg-1",
                        7L,
                        NOW.minusSeconds(3_600).toString(),
                        NOW.minus(age).toString(),
                        canaries,
                        expected < 0 ? members.size() : expected,
                        0,
                        0,
                        0,
                        0,
                        message,
                        abortReason),
                members,
                new Policy(quorum, canaryNodes, STAGE_TIMEOUT, ACTIVATE_TIMEOUT, SOAK, maxErrorRate, 3.0),
                latencyMs,
                superseded,
                NOW);
    }

    RolloutDecision decide() {
        return RolloutDecision.decide(attempt());
    }
}
