package health.vantage.models.runner.backend.tensorrt;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.tensorrt.nvinfer.ILogger;

/** Keeps the last errors that TensorRT tells, which its calls' answers do not. Called from native threads; must outlive its runtime. */
final class TensorRtLog extends ILogger {
    private static final System.Logger LOG = System.getLogger(TensorRtLog.class.getName());
    private static final int KEPT = 3;

    private final Deque<String> errors = new ArrayDeque<>();

    @Override
    public void log(ILogger.Severity severity, String message) {
        switch (severity.intern()) {
            case kINTERNAL_ERROR, kERROR -> keep(message);
            case kWARNING -> LOG.log(System.Logger.Level.WARNING, message);
            default -> LOG.log(System.Logger.Level.DEBUG, message);
        }
    }

    private synchronized void keep(String message) {
        errors.addLast(message);
        if (errors.size() > KEPT) {
            errors.removeFirst();
        }
    }

    /** As the end of a sentence, and forgotten then; empty when nothing was said. */
    synchronized String said() {
        String all = errors.isEmpty() ? "" : ": " + String.join(" | ", errors);
        errors.clear();
        return all;
    }
}
