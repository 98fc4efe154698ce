package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelDeploymentStatus.RevisionRef;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.api.RolloutStatus;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.plan.Told;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A fleet, an API server that keeps one status, and an operator that can be killed after each of its writes. It remembers
 * nothing: at each tick it derives everything again from what is stored. Broken promises are thrown as they happen.
 */
final class FleetSimulation {
    static final Duration TICK = Duration.ofSeconds(5);
    static final Policy POLICY = new Policy(
            new Quorum.Reachable(),
            1,
            Duration.ofSeconds(100),
            Duration.ofSeconds(50),
            Duration.ofSeconds(25),
            0.01,
            3.0);

    private static final Map<Phase, Set<Phase>> LEGAL = new EnumMap<>(Map.of(
            Phase.Idle, EnumSet.of(Phase.Staging),
            Phase.Staging, EnumSet.of(Phase.Canary, Phase.Committing, Phase.Aborting),
            Phase.Canary, EnumSet.of(Phase.Committing, Phase.Aborting),
            Phase.Committing, EnumSet.of(Phase.Soaking, Phase.Aborting),
            Phase.Soaking, EnumSet.of(Phase.Confirmed, Phase.Aborting),
            Phase.Aborting, EnumSet.of(Phase.RolledBack),
            Phase.Confirmed, EnumSet.of(Phase.Staging),
            Phase.RolledBack, EnumSet.of(Phase.Staging)));

    /** The operator dies here; the next tick starts another one. */
    private static final class Killed extends RuntimeException {
        private Killed() {
            super(null, null, false, false);
        }
    }

    final List<SimulatedNode> nodes;
    private final Policy policy;
    private final BooleanSupplier killedAfterThisWrite;
    private final Set<Phase> seen = EnumSet.noneOf(Phase.class);
    private Instant now = Instant.parse("2026-06-01T00:00:00Z");

    RolloutStatus status =
            new RolloutStatus(0L, Phase.Idle, null, null, null, null, null, null, null, 0, 0, 0, 0, 0, null, null);
    String lastGood;
    private String returnsTo;
    int writes;

    FleetSimulation(List<SimulatedNode> nodes, Policy policy, BooleanSupplier killedAfterThisWrite) {
        this.nodes = nodes;
        this.policy = policy;
        this.killedAfterThisWrite = killedAfterThisWrite;
    }

    void tick(String desired) {
        now = now.plus(TICK);
        try {
            operate(desired);
        } catch (Killed _) {
            // The next tick's operator knows only what is stored.
        }
        for (SimulatedNode node : alive()) {
            State before = node.state();
            node.tick();
            if (node.state() != before) {
                checkChange(node);
            }
            node.wasAway |= !node.reachable && seen.contains(Phase.Staging) && status.phase() != Phase.Staging;
        }
    }

    boolean settled() {
        return !status.phase().underWay();
    }

    List<SimulatedNode> members() {
        return alive().stream()
                .filter(node -> node.told != null && node.told.epoch().equals(status.epoch()))
                .toList();
    }

    private List<SimulatedNode> alive() {
        return nodes.stream().filter(node -> !node.deleted).toList();
    }

    private void operate(String desired) {
        if (Trigger.due(status, new RevisionRef(desired, null), 1, false)) {
            List<SimulatedNode> able =
                    alive().stream().filter(node -> node.reachable).toList();
            if (!policy.quorum().canStart(alive().size(), able.size())) {
                return;
            }
            start(desired, able);
        }
        if (status.phase() == Phase.Staging) {
            frozen.stream().filter(node -> !node.deleted).forEach(node -> tell(node, Step.Stage));
        }
        List<Member> members = observed();
        RolloutStatus next = RolloutDecision.decide(
                        new Attempt(status, members, policy, Map.of(), !desired.equals(status.revision()), now))
                .next();
        if (!next.equals(status)) {
            write(next);
        }
        for (Member member : observed()) {
            tell(
                    nodes.stream()
                            .filter(node -> node.name.equals(member.name()))
                            .findFirst()
                            .orElseThrow(),
                    Instructions.stepFor(status, member));
        }
    }

    /** Stands for the plan of the epoch, which comes out the same each time: nodes that were there at its start. */
    private List<SimulatedNode> frozen = List.of();

    private void start(String desired, List<SimulatedNode> able) {
        frozen = List.copyOf(able);
        returnsTo = lastGood;
        nodes.forEach(node -> node.wasAway = false);
        write(new RolloutStatus(
                status.epoch() + 1,
                Phase.Staging,
                desired,
                null,
                lastGood,
                1L,
                now.toString(),
                now.toString(),
                null,
                able.size(),
                0,
                0,
                0,
                0,
                null,
                null));
    }

    private List<Member> observed() {
        var members = new ArrayList<Member>();
        for (SimulatedNode node : alive()) {
            Optional<Member> member = Member.of(node.facts(), Told.MODEL, Told.UID, status.epoch());
            member.ifPresent(members::add);
        }
        return members;
    }

    private void write(RolloutStatus next) {
        promise(next.epoch() >= status.epoch(), "the epoch went back");
        if (next.epoch() > status.epoch()) {
            promise(settled(), "an attempt began before the last one was settled");
            seen.clear();
        }
        if (next.phase() != status.phase()) {
            promise(LEGAL.get(status.phase()).contains(next.phase()), status.phase() + " -> " + next.phase());
            checkAge(status);
            seen.add(next.phase());
        } else if (status.phase().underWay()) {
            checkAge(status);
        }
        if (next.phase() == Phase.Confirmed && status.phase() != Phase.Confirmed) {
            lastGood = next.revision();
            checkConfirmed();
        }
        status = next;
        killMaybe();
    }

    private void tell(SimulatedNode node, Step step) {
        if (node.told != null && node.told.epoch().equals(status.epoch())) {
            if (node.told.step() == step) {
                return;
            }
            promise(node.told.step() != Step.Abort, node.name + " was told " + step + " after Abort");
            promise(node.told.step() != Step.Confirm || step == Step.Abort, node.name + " was told " + step);
            node.told = node.told.withStep(step);
        } else {
            promise(node.told == null || node.told.epoch() < status.epoch(), "an older epoch was told");
            promise(step == Step.Stage, node.name + " began with " + step);
            Told first = new Told(
                    "imaging",
                    Told.MODEL,
                    Told.UID,
                    status.epoch(),
                    step,
                    ref(status.revision()),
                    ref(returnsTo),
                    0,
                    false);
            node.told = first.instruction();
        }
        killMaybe();
    }

    private static ArtifactRef ref(String revision) {
        return revision == null ? null : Told.ref(revision, 1_000);
    }

    private void killMaybe() {
        writes++;
        if (killedAfterThisWrite.getAsBoolean()) {
            throw new Killed();
        }
    }

    private void checkChange(SimulatedNode node) {
        if (node.epoch() != status.epoch()) {
            return;
        }
        if (node.state() == State.Active) {
            promise(
                    seen.contains(Phase.Committing)
                            || seen.contains(Phase.Canary) && status.canaries().contains(node.name),
                    node.name + " serves it before the decision said so, in " + status.phase());
        }
        if (node.state() == State.Confirmed) {
            promise(seen.contains(Phase.Confirmed), node.name + " confirmed it before the decision");
        }
    }

    /** All or none, at the moment when it counts. */
    private void checkConfirmed() {
        int without = 0;
        for (SimulatedNode node : members()) {
            boolean serves = node.state() == State.Active && node.active.equals(status.revision());
            if (!serves && node.reachable && !node.wasAway) {
                without++;
            }
        }
        // What a node said last: one that just came back may have gone back on its own since, and says so next.
        boolean witnessed = observed().stream().anyMatch(member -> member.serves() && member.reachable());
        promise(witnessed, "confirmed though nobody who serves it can be reached");
        promise(
                without <= policy.quorum().mayFail(members().size()),
                without + " nodes that were there all the time do not serve what is confirmed");
    }

    private void checkAge(RolloutStatus old) {
        Duration limit =
                switch (old.phase()) {
                    case Staging -> policy.stageTimeout();
                    case Canary, Committing -> policy.activateTimeout();
                    case Soaking -> policy.soak().plus(policy.activateTimeout());
                    case Aborting -> policy.activateTimeout().multipliedBy(2);
                    case Idle, Confirmed, RolledBack -> Duration.ofDays(1);
                };
        if (old.phaseSince() != null) {
            Duration age = Duration.between(Instant.parse(old.phaseSince()), now);
            promise(age.compareTo(limit.plus(TICK)) <= 0, old.phase() + " took " + age);
        }
    }

    private void promise(boolean kept, String otherwise) {
        if (!kept) {
            throw new AssertionError(otherwise + " (epoch " + status.epoch() + ", " + status.phase() + ")");
        }
    }
}
