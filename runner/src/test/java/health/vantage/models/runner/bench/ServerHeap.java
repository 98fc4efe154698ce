package health.vantage.models.runner.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the runner's own threads have allocated on the heap; the callers of the same process have other threads. */
final class ServerHeap {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private ServerHeap() {}

    /** In bytes since the threads began. */
    static long allocated() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getName().startsWith("grpc-") || thread.getName().startsWith("model-"))
                .mapToLong(thread -> THREADS.getThreadAllocatedBytes(thread.threadId()))
                .sum();
    }
}
