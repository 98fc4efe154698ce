package health.vantage.models.runner.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Callers that each send the next request when the last is answered. */
final class Load {
    private Load() {}

    /** One request; throws when it fails. */
    interface Request {
        void send() throws Exception;
    }

    /** Added up over rounds: requests, the time they took together, and each one's time in microseconds. */
    static final class Result {
        final Histogram micros = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
        double seconds;

        synchronized void add(Histogram one) {
            micros.add(one);
        }

        double perSecond() {
            return micros.getTotalCount() / seconds;
        }

        double percentileMs(double percentile) {
            return micros.getValueAtPercentile(percentile) / 1000.0;
        }
    }

    static void run(int callers, Duration duration, Request request, Result into) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            List<Future<Void>> done = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                Callable<Void> caller = () -> {
                    Histogram own = new Histogram(TimeUnit.MINUTES.toMicros(5), 3);
                    while (System.nanoTime() < end) {
                        long before = System.nanoTime();
                        request.send();
                        own.recordValue(Math.max(1, (System.nanoTime() - before) / 1000));
                    }
                    into.add(own);
                    return null;
                };
                done.add(threads.submit(caller));
            }
            for (Future<Void> one : done) {
                one.get();
            }
            into.seconds += (System.nanoTime() - start) / 1e9;
        }
    }
}
