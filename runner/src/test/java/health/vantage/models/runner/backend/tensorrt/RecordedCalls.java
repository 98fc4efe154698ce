package health.vantage.models.runner.backend.tensorrt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * A stand-in for TensorRT and CUDA, because there is no GPU: it records every call, and is as strict as they are where they only crash. What is
 * enqueued happens at {@code synchronize}, not before; closing twice, on another thread, or before what depends on it is an error. The engine doubles
 * FP32 {@code x[?,4]} (1 to 8 rows) into {@code y[?,4]}.
 */
final class RecordedCalls implements TensorRtCalls {
    final List<String> calls = new ArrayList<>();
    final Set<String> alive = new LinkedHashSet<>();
    String failing = "";
    List<IoTensor> tensors = List.of(
            new IoTensor(
                    "x", true, "kFLOAT", new long[] {-1, 4}, new long[] {1, 4}, new long[] {8, 4}, "kLINEAR", false),
            new IoTensor("y", false, "kFLOAT", new long[] {-1, 4}, new long[0], new long[0], "kLINEAR", false));
    long[] answerShape;

    private final Map<String, Long> made = new HashMap<>();
    private Thread thread;

    private void call(String name) throws NativeFailure {
        thread = thread == null ? Thread.currentThread() : thread;
        if (thread != Thread.currentThread()) {
            throw new IllegalStateException(name + " on " + Thread.currentThread() + ", not on " + thread);
        }
        calls.add(name);
        if (name.equals(failing)) {
            throw new NativeFailure(name + " is refused, as asked");
        }
    }

    private abstract class Thing implements Owned {
        final String name;

        Thing(String kind) throws NativeFailure {
            call("make " + kind);
            name = kind + made.merge(kind, 1L, Long::sum);
            alive.add(name);
        }

        @Override
        public void close() {
            if (thread != Thread.currentThread() || !alive.remove(name)) {
                throw new IllegalStateException(name + " is closed twice or elsewhere");
            }
            calls.add("close " + name);
        }
    }

    @Override
    public void useDevice(int device) throws NativeFailure {
        call("useDevice");
    }

    @Override
    public String architecture(int device) throws NativeFailure {
        call("architecture");
        return "8.6";
    }

    private final class FakeRuntime extends Thing implements Runtime {
        FakeRuntime() throws NativeFailure {
            super("runtime");
        }

        @Override
        public Engine deserialize(Path plan) throws NativeFailure {
            return new FakeEngine();
        }
    }

    @Override
    public Runtime createRuntime() throws NativeFailure {
        return new FakeRuntime();
    }

    private final class FakeEngine extends Thing implements Engine {
        FakeEngine() throws NativeFailure {
            super("engine");
        }

        @Override
        public List<IoTensor> tensors() {
            return tensors;
        }

        @Override
        public Context createContext() throws NativeFailure {
            return new FakeContext();
        }
    }

    private final class FakeContext extends Thing implements Context {
        private long rows = -1;
        private final Map<String, Memory> addresses = new HashMap<>();

        FakeContext() throws NativeFailure {
            super("context");
        }

        @Override
        public void setInputShape(String tensor, long[] shape) throws NativeFailure {
            call("setInputShape " + tensor);
            rows = shape[0];
        }

        @Override
        public long[] shape(String tensor) throws NativeFailure {
            call("shape " + tensor);
            return answerShape != null ? answerShape : new long[] {rows, 4};
        }

        @Override
        public void setAddress(String tensor, DeviceMemory memory) throws NativeFailure {
            call("setAddress " + tensor);
            addresses.put(tensor, (Memory) memory);
        }

        @Override
        public void enqueue(Stream stream) throws NativeFailure {
            call("enqueue");
            Memory x = addresses.get("x");
            Memory y = addresses.get("y");
            long elements = rows * 4;
            ((FakeStream) stream).work.add(() -> {
                for (int i = 0; i < elements; i++) {
                    y.bytes.putFloat(i * 4, 2 * x.bytes.getFloat(i * 4));
                }
            });
        }
    }

    private final class FakeStream extends Thing implements Stream {
        final Queue<Runnable> work = new ArrayDeque<>();

        FakeStream() throws NativeFailure {
            super("stream");
        }

        @Override
        public void upload(HostMemory from, DeviceMemory to, long bytes) throws NativeFailure {
            call("upload");
            copy((Memory) from, (Memory) to, bytes);
        }

        @Override
        public void download(DeviceMemory from, HostMemory to, long bytes) throws NativeFailure {
            call("download");
            copy((Memory) from, (Memory) to, bytes);
        }

        private void copy(Memory from, Memory to, long bytes) {
            work.add(() -> to.bytes.put(0, from.bytes, 0, (int) bytes));
        }

        @Override
        public void synchronize() throws NativeFailure {
            call("synchronize");
            work.forEach(Runnable::run);
            work.clear();
        }
    }

    @Override
    public Stream createStream() throws NativeFailure {
        return new FakeStream();
    }

    private final class Memory extends Thing implements DeviceMemory, HostMemory {
        final ByteBuffer bytes;

        Memory(String kind, long size) throws NativeFailure {
            super(kind);
            bytes = ByteBuffer.allocateDirect((int) size).order(ByteOrder.LITTLE_ENDIAN);
        }

        @Override
        public long bytes() {
            return bytes.capacity();
        }

        @Override
        public ByteBuffer buffer() {
            return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).clear();
        }
    }

    @Override
    public DeviceMemory device(long bytes) throws NativeFailure {
        return new Memory("device", bytes);
    }

    @Override
    public HostMemory host(long bytes) throws NativeFailure {
        return new Memory("host", bytes);
    }
}
