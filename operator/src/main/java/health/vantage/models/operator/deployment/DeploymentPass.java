package health.vantage.models.operator.deployment;

import health.vantage.models.api.Condition.Status;
import health.vantage.models.api.ModelDeploymentSpec.Placement;
import health.vantage.models.api.ModelInstruction.Step;
import health.vantage.models.api.ModelNode;
import health.vantage.models.api.ModelRevision;
import health.vantage.models.api.RolloutStatus.Phase;
import health.vantage.models.api.Verification;
import health.vantage.models.operator.Reason;
import health.vantage.models.operator.deployment.StatusWriter.Written;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Plan;
import health.vantage.models.operator.plan.Quorum;
import health.vantage.models.operator.report.ConditionType;
import health.vantage.models.operator.report.Events;
import health.vantage.models.operator.report.StatusDraft;
import health.vantage.models.operator.report.StatusReport;
import health.vantage.models.operator.report.Transition;
import health.vantage.models.operator.resolve.Verifications;
import health.vantage.models.operator.rollout.Member;
import health.vantage.models.operator.rollout.Policy;
import health.vantage.models.operator.runtime.InParallel;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One look at one ModelDeployment, from observation to instructions. */
@ApplicationScoped
class DeploymentPass {
    private static final Logger LOG = LoggerFactory.getLogger(DeploymentPass.class);

    private final Clock clock;
    private final ResolveStep resolveStep;
    private final Verifications verifications;
    private final FleetLock fleet;
    private final StatusWriter writer;
    private final NodeTeller teller;
    private final RevisionHistory history;
    private final Events events;
    private final RolloutMetrics metrics;

    DeploymentPass(
            Clock clock,
            ResolveStep resolveStep,
            Verifications verifications,
            FleetLock fleet,
            StatusWriter writer,
            NodeTeller teller,
            RevisionHistory history,
            Events events,
            RolloutMetrics metrics) {
        this.clock = clock;
        this.resolveStep = resolveStep;
        this.verifications = verifications;
        this.fleet = fleet;
        this.writer = writer;
        this.teller = teller;
        this.history = history;
        this.events = events;
        this.metrics = metrics;
    }

    /** @return when to look again, if no event comes before */
    Duration run(Observed cached) {
        StatusDraft draft = StatusDraft.of(cached.deployment(), clock.instant());
        Observed observed = resolveStep.run(cached, draft);
        List<NodeFacts> facts = observed.facts();
        Optional<Policy> policy = policy(observed, draft);
        if (policy.isEmpty()) {
            write(observed, draft, observed.members(facts, draft.rollout.epoch()), new Quorum.Reachable());
            return NextLook.AT_WHAT_IS_NOT_READY;
        }
        List<Member> members = observed.members(facts, draft.rollout.epoch());
        if (draft.rollout.phase() == Phase.Staging && members.size() < draft.rollout.nodes()) {
            // The operator may have been killed between the decision and the last instruction.
            fleet.decide(fresh -> {
                finishEnlisting(observed.with(fresh), draft, policy.get());
                return null;
            });
        }
        Phase before = draft.rollout.phase();
        AdvanceStep.run(observed, draft, members, policy.get());
        Optional<ModelRevision> due =
                draft.rollout.phase() == before ? StartStep.due(observed, draft) : Optional.empty();
        // A refusal needs no lock: it reserves nothing, and what the cache does not show yet is seen at the next look.
        if (due.isPresent() && StartStep.refused(observed, draft, due.get(), policy.get())) {
            due = Optional.empty();
        }
        if (due.isPresent()) {
            ModelRevision revision = due.get();
            return fleet.decide(fresh -> start(observed.with(fresh), draft, revision, policy.get()));
        }
        if (!write(observed, draft, members, policy.get().quorum())) {
            return Duration.ZERO;
        }
        instruct(observed, draft, policy.get(), facts, members);
        return NextLook.after(observed, draft, policy.get());
    }

    void forget(Observed observed) {
        // From the API server: the cache may not show a node that was told a moment ago, and nobody comes back later.
        fleet.decide(fresh -> {
            List<ModelNode> told = fresh.stream()
                    .filter(node -> node.getSpec() != null
                            && node.getSpec().models().stream()
                                    .anyMatch(i -> i.deployment().uid().equals(observed.uid())))
                    .toList();
            InParallel.each(told, node -> teller.forget(node, observed.uid()));
            return null;
        });
        metrics.forget(observed.deployment());
    }

    private Duration start(Observed observed, StatusDraft draft, ModelRevision revision, Policy policy) {
        Plan plan = StartStep.start(observed, draft, revision, policy);
        List<Member> members = observed.members(observed.facts(), draft.rollout.epoch());
        if (!write(observed, draft, members, policy.quorum())) {
            return Duration.ZERO;
        }
        if (plan.refusal().isPresent()) {
            instruct(observed, draft, policy, observed.facts(), members);
            return NextLook.after(observed, draft, policy);
        }
        history.rollingOut(revision);
        enlist(observed, draft, policy, plan.placements(), Step.Stage);
        return NextLook.AT_A_ROLLOUT;
    }

    /** Tells every node what the written phase says, and brings in those that have not been told of this epoch. */
    private void instruct(
            Observed observed, StatusDraft draft, Policy policy, List<NodeFacts> facts, List<Member> members) {
        if (draft.rollout.phase() == Phase.Idle) {
            return;
        }
        var wishes = new Wishes(observed, draft, policy, Verification.NONE);
        InParallel.each(
                members.stream()
                        .filter(member -> !wishes.next(member).equals(member.told()))
                        .toList(),
                member -> teller.tell(member.node(), wishes.next(member)));
        if (!Settling.latecomers(observed, draft, members).isEmpty()) {
            fleet.decide(fresh -> {
                catchUp(observed.with(fresh), draft, policy);
                return null;
            });
        }
        InParallel.each(Settling.strangers(observed, draft, facts), node -> teller.forget(node, observed.uid()));
    }

    private void finishEnlisting(Observed observed, StatusDraft draft, Policy policy) {
        observed.revision(draft.rollout.revision()).ifPresent(revision -> {
            List<Member> members = observed.members(observed.facts(), draft.rollout.epoch());
            Plan plan = StartStep.plan(observed, revision, policy);
            if (plan.refusal().isPresent()) {
                return;
            }
            // FirstFit chose its tier when the attempt began.
            boolean bound = observed.deployment().getSpec().placement() == Placement.FirstFit && !members.isEmpty();
            List<Plan.Placement> missing = plan.placements().stream()
                    .filter(p -> !bound
                            || members.stream()
                                    .anyMatch(
                                            m -> m.node().tier().equals(p.node().tier())))
                    .filter(p -> members.stream()
                            .noneMatch(m -> m.name().equals(p.node().name())))
                    .filter(p -> !p.node().since().isAfter(java.time.Instant.parse(draft.rollout.startedAt())))
                    .toList();
            enlist(observed, draft, policy, missing, Step.Stage);
            // Nodes that were deleted meanwhile are waited for by nobody.
            draft.rollout = draft.rollout.among(members.size() + missing.size());
        });
    }

    private void catchUp(Observed observed, StatusDraft draft, Policy policy) {
        List<Member> members = observed.members(observed.facts(), draft.rollout.epoch());
        List<Plan.Placement> late = Settling.latecomers(observed, draft, members);
        enlist(observed, draft, policy, late, Settling.latecomerStep(draft))
                .forEach(placement -> events.tell(
                        observed.deployment(),
                        new Transition(
                                false,
                                "NodeCaughtUp",
                                placement.node().name() + " joins epoch " + draft.rollout.epoch() + " ("
                                        + draft.active().map(a -> a.version()).orElse("nothing") + ")")));
    }

    /** @return those that were told */
    private Collection<Plan.Placement> enlist(
            Observed observed, StatusDraft draft, Policy policy, List<Plan.Placement> placements, Step step) {
        if (placements.isEmpty()) {
            return List.of();
        }
        return switch (verifications.of(observed.deployment())) {
            case Verifications.Found found -> enlist(observed, draft, policy, placements, step, found.verification());
            case Verifications.None _ -> enlist(observed, draft, policy, placements, step, Verification.NONE);
            // Verified before, so the Secret was deleted since. A node that is told no keys would accept anything: it
            // is
            // told nothing, and the attempt runs into its stage timeout if the keys do not come back.
            case Verifications.Missing missing -> {
                LOG.warn("{}/{}: {}", observed.namespace(), observed.name(), missing.message());
                yield List.of();
            }
        };
    }

    private Collection<Plan.Placement> enlist(
            Observed observed,
            StatusDraft draft,
            Policy policy,
            List<Plan.Placement> placements,
            Step step,
            Verification verification) {
        var wishes = new Wishes(observed, draft, policy, verification);
        var told = new ConcurrentLinkedQueue<Plan.Placement>();
        InParallel.each(placements, placement -> {
            if (teller.tell(placement.node(), wishes.first(placement, step))) {
                told.add(placement);
            }
        });
        return told;
    }

    private boolean write(Observed observed, StatusDraft draft, List<Member> members, Quorum quorum) {
        var status = StatusReport.summarise(
                draft, observed.deployment().getSpec(), observed.name(), members, observed.told(), quorum);
        return switch (writer.write(observed.deployment(), status)) {
            case Written.Stale _ -> false;
            case Written.Done _ -> {
                history.record(observed, status);
                metrics.record(observed.deployment(), status);
                yield true;
            }
        };
    }

    private static Optional<Policy> policy(Observed observed, StatusDraft draft) {
        try {
            return Optional.of(Policy.of(observed.deployment().getSpec().rollout()));
        } catch (IllegalArgumentException e) {
            draft.condition(ConditionType.Resolved, Status.False, Reason.InvalidSpec, e.getMessage());
            return Optional.empty();
        }
    }
}
