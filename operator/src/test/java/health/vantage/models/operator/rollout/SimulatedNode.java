package health.vantage.models.operator.rollout;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelInstruction.ArtifactRef;
import health.vantage.models.api.ModelNodeStatus;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.operator.plan.NodeFacts;
import health.vantage.models.operator.plan.Said;
import health.vantage.models.operator.plan.Told;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A node with a runner that keeps the rules: it ignores older epochs, does what it last heard also while it is away, and
 * fails or goes back by itself when its luck says so.
 */
final class SimulatedNode {
    /** What happens to one attempt on this node; ticks. */
    record Luck(int toStage, int toActivate, boolean failsToStage, boolean failsToActivate, int goesBackAfter) {
        static final int NEVER = Integer.MAX_VALUE;

        static Luck draw(Random random, double misfortune) {
            return new Luck(
                    1 + random.nextInt(4),
                    random.nextInt(3),
                    random.nextDouble() < misfortune,
                    random.nextDouble() < misfortune,
                    random.nextDouble() < misfortune ? 1 + random.nextInt(3) : NEVER);
        }
    }

    final String name;
    boolean reachable = true;
    boolean deleted;
    /** Away at some time since the attempt left Staging: all-or-none cannot be promised for it. */
    boolean wasAway;

    /** What its ModelNode says: the instruction as the operator wrote it, the report as the runner last could. */
    ModelInstruction told;

    private ModelState reported;
    private NodeFacts facts;
    private ModelInstruction factsTold;
    private ModelState factsReported;
    private final Random random;
    private final double misfortune;
    private ModelInstruction heard;
    private Luck luck;
    private State state;
    private int ticks;
    String active;

    SimulatedNode(String name, Random random, double misfortune) {
        this.name = name;
        this.random = random;
        this.misfortune = misfortune;
    }

    /** Made anew only when something changed: most ticks of most seeds change nothing. */
    NodeFacts facts() {
        if (facts == null || facts.reachable() != reachable || factsTold != told || factsReported != reported) {
            facts = read();
            factsTold = told;
            factsReported = reported;
        }
        return facts;
    }

    private NodeFacts read() {
        return new NodeFacts(
                name,
                "rtx",
                reachable,
                Instant.EPOCH,
                "uid-of-" + name,
                Set.of(),
                List.of(),
                Optional.empty(),
                told == null ? List.of() : List.of(told),
                new ModelNodeStatus(null, null, null, reported == null ? null : List.of(reported), null, null));
    }

    State state() {
        return state;
    }

    long epoch() {
        return heard == null ? 0 : heard.epoch();
    }

    void tick() {
        if (reachable && told != null && (heard == null || told.epoch() >= heard.epoch())) {
            if (heard == null || told.epoch() > heard.epoch()) {
                luck = Luck.draw(random, misfortune);
                become(State.Pulling);
            }
            heard = told;
        }
        if (heard != null) {
            act();
            if (reachable
                    && (reported == null
                            || !reported.epoch().equals(heard.epoch())
                            || reported.state() != state
                            || !Objects.equals(reported.activeDigest(), active))) {
                reported = new Said(Told.MODEL, heard.epoch(), state, active, null, null, 0, 0, 0).report();
            }
        }
    }

    private void act() {
        ticks++;
        switch (heard.step()) {
            case Stage -> stage();
            case Activate -> activate();
            case Confirm -> {
                if (state == State.Active) {
                    become(State.Confirmed);
                } else {
                    activate();
                }
            }
            case Abort -> {
                active = heard.returnTo().map(ArtifactRef::digest).orElse(null);
                become(State.Reverted);
            }
        }
    }

    private void stage() {
        if (state == State.Pulling && ticks >= luck.toStage()) {
            become(luck.failsToStage() ? State.Failed : State.Staged);
        }
    }

    private void activate() {
        stage();
        if ((state == State.Staged || state == State.Activating) && ticks >= luck.toActivate()) {
            if (luck.failsToActivate()) {
                become(State.Failed);
            } else {
                active = heard.target().digest();
                become(State.Active);
            }
        } else if (state == State.Active && ticks >= luck.goesBackAfter()) {
            active = heard.returnTo().map(ArtifactRef::digest).orElse(null);
            become(State.Reverted);
        }
    }

    private void become(State next) {
        state = next;
        ticks = 0;
    }
}
