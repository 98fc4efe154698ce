package health.vantage.models.runner.workstation;

import health.vantage.models.api.ModelInstruction;
import health.vantage.models.api.ModelNodeStatus.ModelState;
import health.vantage.models.api.ModelNodeStatus.State;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.runner.journal.Journal;
import health.vantage.models.runner.journal.JournalEntry;
import health.vantage.models.runner.node.NodeRunner;
import health.vantage.models.runner.node.StatusBoard;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a machine without Kubernetes on what its file asks for. Two threads: one asks registries, which may take long or never answer; one
 * gives instructions, so that a soak ends on time whatever the network does.
 */
public final class Workstation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Workstation.class);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration SOONER = Duration.ofSeconds(30);
    private static final Set<State> ENDED = EnumSet.of(State.Active, State.Confirmed, State.Failed, State.Reverted);

    private final WorkstationConfig config;
    private final WishResolver resolver;
    private final NodeRunner node;
    private final Journal journal;
    private final StatusBoard board;
    private final Runnable ready;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final Map<String, String> complaints = new ConcurrentHashMap<>();
    /** Models whose registry was asked since they were told something. */
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    private final Set<String> tried = ConcurrentHashMap.newKeySet();
    private final Map<String, ModelInstruction> told = new ConcurrentHashMap<>();
    private final Map<String, Soak> soaks = new ConcurrentHashMap<>();
    private final Thread polling =
            Thread.ofPlatform().name("workstation-poll").daemon().unstarted(this::poll);
    private final Thread telling =
            Thread.ofPlatform().name("workstation").daemon().unstarted(this::tell);
    private boolean announced;

    /** @param since of {@link System#nanoTime()}: the wall clock jumps */
    private record Soak(String digest, long since) {}

    /** @param ready called once, when every model serves or has failed to */
    public Workstation(
            WorkstationConfig config,
            WishResolver resolver,
            NodeRunner node,
            Journal journal,
            StatusBoard board,
            Runnable ready) {
        this.config = config;
        this.resolver = resolver;
        this.node = node;
        this.journal = journal;
        this.board = board;
        this.ready = ready;
    }

    /** @throws InterruptedException when the process stops */
    public void start() throws InterruptedException {
        Set<String> names = config.models().stream().map(ModelWish::name).collect(Collectors.toSet());
        node.keepOnly(names);
        resolver.answers().keepOnly(names);
        polling.start();
        telling.start();
    }

    private void poll() {
        try {
            while (true) {
                boolean all = true;
                for (ModelWish wish : config.models()) {
                    all &= ask(wish);
                }
                Duration pause = all || config.poll().compareTo(SOONER) < 0 ? config.poll() : SOONER;
                Thread.sleep(pause);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more looks for moved tags: the runner stops");
        }
    }

    private boolean ask(ModelWish wish) {
        try {
            Answer answer = resolver.ask(wish);
            Answer before = answers.put(wish.name(), answer);
            asked.add(wish.name());
            if (before == null || !before.digest().equals(answer.digest())) {
                LOG.info("model {}: {} is {} ({})", wish.name(), answer.question(), answer.version(), answer.digest());
            }
            complaints.remove(wish.name());
            return true;
        } catch (ArtifactException e) {
            complain(wish, e.getMessage());
            // A tag that is gone was taken away: only where nobody could be asked does the last answer hold.
            if (e.transientFailure() || WishResolver.unmounted(wish)) {
                resolver.remembered(wish).ifPresent(last -> answers.putIfAbsent(wish.name(), last));
            }
            return false;
        } catch (RuntimeException e) {
            complain(wish, e.toString());
            return false;
        } finally {
            tried.add(wish.name());
        }
    }

    private void complain(ModelWish wish, String message) {
        if (!message.equals(complaints.put(wish.name(), message))) {
            LOG.warn("model {}: no look for a newer version, what serves goes on: {}", wish.name(), message);
        }
    }

    private void tell() {
        try {
            while (true) {
                try {
                    config.models().forEach(this::tell);
                    announce();
                } catch (RuntimeException e) {
                    LOG.error("the next look comes in a moment", e);
                }
                board.await(LOOK);
                // The bell rings with every change; a busy moment must not become a busy loop.
                Thread.sleep(LOOK.dividedBy(5));
            }
        } catch (InterruptedException e) {
            LOG.debug("no more instructions: the runner stops");
        }
    }

    private void tell(ModelWish wish) {
        Answer answer = answers.get(wish.name());
        if (answer == null) {
            return;
        }
        boolean soaked = soaked(wish, answer);
        JournalEntry entry = journal.find(wish.name()).orElseGet(() -> JournalEntry.empty(wish.name()));
        new NextInstruction(
                        wish,
                        answer,
                        config.verify(),
                        entry,
                        Optional.ofNullable(told.get(wish.name())),
                        soaked,
                        asked.remove(wish.name()))
                .decide()
                .filter(next -> !next.equals(told.get(wish.name())))
                .ifPresent(next -> {
                    LOG.info("model {}: epoch {} {} {}", wish.name(), next.epoch(), next.step(), answer.version());
                    told.put(wish.name(), next);
                    node.instruct(next);
                });
    }

    private boolean soaked(ModelWish wish, Answer answer) {
        boolean active = state(wish.name())
                .filter(state ->
                        state.state() == State.Active && answer.digest().equals(state.activeDigest()))
                .isPresent();
        if (!active) {
            soaks.remove(wish.name());
            return false;
        }
        long now = System.nanoTime();
        Soak soak = soaks.compute(
                wish.name(),
                (_, known) -> known != null && known.digest().equals(answer.digest())
                        ? known
                        : new Soak(answer.digest(), now));
        return now - soak.since() >= wish.soak().toNanos();
    }

    private void announce() {
        if (!announced && config.models().stream().allMatch(this::settled)) {
            announced = true;
            ready.run();
        }
    }

    /** Served, failed, or its registry does not answer: waiting longer would keep the other models from their callers. */
    private boolean settled(ModelWish wish) {
        Optional<ModelState> state = state(wish.name());
        if (!answers.containsKey(wish.name())) {
            return tried.contains(wish.name());
        }
        return state.filter(one -> ENDED.contains(one.state()) || one.activeDigest() != null || one.reason() != null)
                .isPresent();
    }

    private Optional<ModelState> state(String name) {
        return board.states().stream()
                .filter(state -> state.name().equals(name))
                .findFirst();
    }

    /** Gives no more instructions when this returns. A look at a registry may still be under way; it changes nothing. */
    @Override
    public void close() {
        polling.interrupt();
        telling.interrupt();
        try {
            telling.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
