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
    private static final long MAX_MICROS = TimeUnit.MINUTES.toMicros(5);

    private Load() {}

    /** One request; throws when it fails. */
    interface Request {
        void send() throws Exception;
    }

    /** @param micros each request's time; @param seconds from the first to the end of the last */
    record Slice(Histogram micros, double seconds) {
        long requests() {
            return micros.getTotalCount();
        }

        double perSecond() {
            return requests() / seconds;
        }
    }

    /** @param callers one request each */
    static Slice run(List<? extends Request> callers, Duration duration) throws Exception {
        Histogram all = new Histogram(MAX_MICROS, 3);
        try (ExecutorService threads = Executors.newFixedThreadPool(callers.size())) {
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            List<Future<Histogram>> done = new ArrayList<>();
            for (Request request : callers) {
                Callable<Histogram> caller = () -> {
                    Histogram own = new Histogram(MAX_MICROS, 3);
                    do {
                        long before = System.nanoTime();
                        request.send();
                        own.recordValue(Math.max(1, (System.nanoTime() - before) / 1000));
                    } while (System.nanoTime() < end);
                    return own;
                };
                done.add(threads.submit(caller));
            }
            for (Future<Histogram> one : done) {
                all.add(one.get());
            }
            return new Slice(all, (System.nanoTime() - start) / 1e9);
        }
    }
}
