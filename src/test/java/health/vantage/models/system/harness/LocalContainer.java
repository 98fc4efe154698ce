package health.vantage.models.system.harness;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/**
 * A container that is a process of this machine: starts its process, probes it, starts it again when it ends. After the first start it needs nobody: with
 * the API server away it goes on, as under a real kubelet.
 */
final class LocalContainer implements ContainerRun {
    private static final Duration NO_PROBE = Duration.ofSeconds(1);

    private final Container container;
    private final Supplier<ContainerPlan> planning;
    private final IntPredicate restartsAfter;
    private final Runnable changed;
    private final RestartPause pause = new RestartPause();
    private volatile ContainerSeen seen;
    private volatile ContainerPlan plan;
    private volatile LocalProcess process;
    private volatile Thread thread;

    LocalContainer(
            Container container, Supplier<ContainerPlan> planning, IntPredicate restartsAfter, Runnable changed) {
        this.container = container;
        this.planning = planning;
        this.restartsAfter = restartsAfter;
        this.changed = changed;
        this.seen = ContainerSeen.created(container);
    }

    @Override
    public synchronized void start() {
        if (thread == null) {
            // It asks whether it is the wanted thread, so it must not start before the field is set.
            thread = Thread.ofVirtual().name("container-" + container.getName()).unstarted(this::live);
            thread.start();
        }
    }

    @Override
    public void stop(Duration grace) {
        Thread living;
        synchronized (this) {
            living = thread;
            thread = null;
        }
        if (living == null) {
            return;
        }
        living.interrupt();
        LocalProcess last = process;
        if (last != null) {
            end(last, grace);
        }
        try {
            living.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The thread may have started another process in the instant before it saw the interrupt.
        if (process != null && process != last) {
            end(process, grace);
        }
        if (seen.isRunning()) {
            see(seen.ended(process.exit().join(), process.log()));
        }
    }

    private static void end(LocalProcess process, Duration grace) {
        if (grace.isZero()) {
            process.kill();
        } else {
            process.stop(grace);
        }
    }

    @Override
    public Optional<LocalProcess> process() {
        return Optional.ofNullable(process);
    }

    @Override
    public Optional<ContainerPlan> plan() {
        return Optional.ofNullable(plan);
    }

    @Override
    public ContainerSeen seen() {
        return seen;
    }

    private boolean isWanted() {
        return thread == Thread.currentThread();
    }

    private void live() {
        while (isWanted()) {
            long begun = System.nanoTime();
            try {
                if (plan == null) {
                    plan = planning.get();
                }
                process = LocalProcess.start(
                        container.getName(), plan.command(), plan.environment(), plan.folder(), plan.log());
                int exit = attend(process);
                see(seen.ended(exit, process.log()));
                if (!isWanted() || !restartsAfter.test(exit)) {
                    return;
                }
            } catch (CannotStart e) {
                see(seen.waiting(e.reason(), e.getMessage()));
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                see(seen.waiting("CreateContainerError", String.valueOf(e.getMessage())));
            }
            Duration rest = pause.after(Duration.ofNanos(System.nanoTime() - begun));
            if (rest.compareTo(RestartPause.SHOWN) >= 0 && seen.isEnded()) {
                see(seen.waiting("CrashLoopBackOff", "back-off " + rest.toSeconds() + "s restarting failed container"));
            }
            LockSupport.parkNanos(rest.toNanos());
        }
    }

    /** Probes the process until it ends; its exit status. */
    private int attend(LocalProcess running) throws InterruptedException {
        Instant started = Instant.now();
        Optional<RunningProbe> startup = probe(container.getStartupProbe());
        Optional<RunningProbe> readiness = Optional.empty();
        Optional<RunningProbe> liveness = Optional.empty();
        boolean begun = startup.isEmpty();
        if (begun) {
            readiness = probe(container.getReadinessProbe());
            liveness = probe(container.getLivenessProbe());
        }
        see(seen.running(started, begun, begun && readiness.isEmpty()));
        CompletableFuture<Integer> exit = running.exit();
        while (true) {
            Duration wait = shortest(startup, readiness, liveness);
            try {
                return exit.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException timeToProbe) {
                startup.ifPresent(RunningProbe::ask);
                readiness.ifPresent(RunningProbe::ask);
                liveness.ifPresent(RunningProbe::ask);
            } catch (ExecutionException e) {
                throw new IllegalStateException("The end of " + container.getName() + " cannot be awaited", e);
            }
            if (startup.isPresent() && startup.get().isGood()) {
                startup = Optional.empty();
                begun = true;
                readiness = probe(container.getReadinessProbe());
                liveness = probe(container.getLivenessProbe());
            }
            if (startup.filter(RunningProbe::hasFailed).isPresent()
                    || liveness.filter(RunningProbe::hasFailed).isPresent()) {
                running.kill();
            }
            boolean ready = begun && readiness.map(RunningProbe::isGood).orElse(true);
            if (ready != seen.ready() || begun != seen.started()) {
                see(seen.running(started, begun, ready));
            }
        }
    }

    private Optional<RunningProbe> probe(Probe probe) {
        if (probe == null) {
            return Optional.empty();
        }
        // Readiness is asked at once: a pod that is ready early only saves time.
        Duration delay = probe == container.getLivenessProbe()
                ? RunningProbe.seconds(probe.getInitialDelaySeconds(), 0)
                : Duration.ZERO;
        Map<Integer, Integer> ports = plan.ports();
        return Optional.of(new RunningProbe(probe, container, ports, delay));
    }

    @SafeVarargs
    private static Duration shortest(Optional<RunningProbe>... probes) {
        long now = System.nanoTime();
        Duration shortest = NO_PROBE;
        for (Optional<RunningProbe> probe : probes) {
            Duration wait = probe.map(known -> known.untilDue(now)).orElse(NO_PROBE);
            shortest = wait.compareTo(shortest) < 0 ? wait : shortest;
        }
        return shortest;
    }

    private void see(ContainerSeen now) {
        seen = now;
        changed.run();
    }
}
