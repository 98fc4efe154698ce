package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.DeviceMemory;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.HostMemory;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.NativeFailure;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Memory for each input and output, on the GPU and pinned beside it; grows to the largest request and stays. One thread. */
final class IoBuffers {
    private final TensorRtCalls calls;
    private final Undo undo;
    private final Map<String, Pair> pairs = new HashMap<>();

    IoBuffers(TensorRtCalls calls, Undo undo) {
        this.calls = calls;
        this.undo = undo;
    }

    record Pair(DeviceMemory device, HostMemory host) {}

    /** The pinned memory that a tensor has already. */
    ByteBuffer pinned(String tensor) {
        return pairs.get(tensor).host().buffer();
    }

    /** At least {@code bytes} of each; the old ones are freed first, since memory may hold only one. */
    Pair of(String tensor, long bytes) throws NativeFailure {
        Pair known = pairs.get(tensor);
        if (known != null && known.device().bytes() >= bytes) {
            return known;
        }
        if (known != null) {
            pairs.remove(tensor);
            undo.giveBack(known.host());
            undo.giveBack(known.device());
        }
        DeviceMemory device = undo.keep(calls.device(bytes));
        HostMemory host;
        try {
            host = undo.keep(calls.host(bytes));
        } catch (NativeFailure e) {
            undo.giveBack(device);
            throw e;
        }
        Pair pair = new Pair(device, host);
        pairs.put(tensor, pair);
        return pair;
    }
}
