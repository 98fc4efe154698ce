package health.vantage.models.client;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** {@code grpc.health.v1}: the name {@code ""} is the runner, any other that model. */
public final class Health {
    private final Channel channel;
    private final Duration deadline;

    Health(Channel channel, Duration deadline) {
        this.channel = channel;
        this.deadline = deadline;
    }

    /** {@code false} also for a name that the runner does not know. @throws RunnerException when it does not answer */
    public boolean serving(String name) {
        try {
            return HealthGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
                            .check(request(name))
                            .getStatus()
                    == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return false;
            }
            throw RunnerException.of(e.getStatus(), "health of \"" + name + "\"", 1);
        }
    }

    /**
     * Waits until the runner or the model serves; a runner that cannot be reached yet is waited for.
     *
     * @return {@code false} when the time was over first
     * @throws RunnerException when the runner refuses to tell
     */
    public boolean awaitServing(String name, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        while (System.nanoTime() < end) {
            // Ends the watch when this is over: an iterator that is left alone would keep it open.
            Context.CancellableContext watch = Context.current().withCancellation();
            Context before = watch.attach();
            try {
                Iterator<HealthCheckResponse> changes = HealthGrpc.newBlockingStub(channel)
                        .withWaitForReady()
                        .withDeadlineAfter(end - System.nanoTime(), TimeUnit.NANOSECONDS)
                        .watch(request(name));
                while (changes.hasNext()) {
                    if (changes.next().getStatus() == ServingStatus.SERVING) {
                        return true;
                    }
                }
            } catch (StatusRuntimeException e) {
                switch (e.getStatus().getCode()) {
                    // The runner went away: the next watch waits for its return.
                    case UNAVAILABLE -> {}
                    case DEADLINE_EXCEEDED -> {
                        return false;
                    }
                    default -> throw RunnerException.of(e.getStatus(), "health of \"" + name + "\"", 1);
                }
            } finally {
                watch.detach(before);
                watch.close();
            }
        }
        return false;
    }

    private static HealthCheckRequest request(String name) {
        return HealthCheckRequest.newBuilder().setService(name).build();
    }
}
