package health.vantage.models.runner.backend.tensorrt;

import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.Context;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.Engine;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.IoTensor;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.NativeFailure;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.Runtime;
import health.vantage.models.runner.backend.tensorrt.TensorRtCalls.Stream;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One engine with one execution context, on one thread of its own; requests of several callers wait for it. */
final class TensorRtModel implements LoadedModel {
    private final GpuThread thread;
    private final Undo undo = new Undo();
    private final String device;
    private final List<TensorSpec> inputs = new ArrayList<>();
    private final Map<String, TensorSpec> outputs = new LinkedHashMap<>();

    private final Map<String, Profile> profiles = new LinkedHashMap<>();

    private IoBuffers buffers;
    private Context context;
    private Stream stream;

    private TensorRtModel(GpuThread thread, String device) {
        this.thread = thread;
        this.device = device;
    }

    /**
     * @param version of the library
     * @throws BackendException when the plan cannot run here; nothing of it is left then
     */
    static TensorRtModel open(TensorRtCalls calls, String version, int device, ModelFiles files)
            throws BackendException {
        TensorRtModel model = new TensorRtModel(new GpuThread("tensorrt-" + device), "cuda:" + device);
        boolean open = false;
        try {
            model.thread.call(() -> {
                calls.useDevice(device);
                new PlanCheck(version, calls.architecture(device)).check(files);
                model.load(calls, files);
                return null;
            });
            open = true;
            return model;
        } finally {
            if (!open) {
                model.close();
            }
        }
    }

    private void load(TensorRtCalls calls, ModelFiles files) throws NativeFailure, BackendException {
        Runtime runtime = undo.keep(calls.createRuntime());
        Engine engine = undo.keep(runtime.deserialize(files.weights()));
        for (IoTensor tensor : engine.tensors()) {
            TensorSpec spec = TensorRtTypes.spec(tensor);
            if (tensor.input()) {
                inputs.add(spec);
                profiles.put(spec.name(), Profile.of(tensor));
            } else {
                outputs.put(spec.name(), spec);
            }
        }
        context = undo.keep(engine.createContext());
        stream = undo.keep(calls.createStream());
        buffers = new IoBuffers(calls, undo);
    }

    @Override
    public List<TensorSpec> inputs() {
        return List.copyOf(inputs);
    }

    @Override
    public List<TensorSpec> outputs() {
        return List.copyOf(outputs.values());
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public Optional<String> objection(List<Tensor> given) {
        return given.stream()
                .flatMap(input -> profiles.get(input.name()).objection(input.shape()).stream())
                .findFirst();
    }

    @Override
    public List<Tensor> run(List<Tensor> given, List<String> wanted, OutputMemory memory, Cancellation cancellation)
            throws BackendException {
        return thread.call(() -> {
            if (cancellation.cancelled()) {
                throw new BackendException("the run was stopped: its caller has gone or its deadline has passed");
            }
            try {
                return compute(given, wanted, memory);
            } catch (NativeFailure e) {
                settle(e);
                throw e;
            }
        });
    }

    /** What was enqueued before the failure may still write into the buffers. */
    private void settle(NativeFailure failure) {
        try {
            stream.synchronize();
        } catch (NativeFailure e) {
            failure.addSuppressed(e);
        }
    }

    private List<Tensor> compute(List<Tensor> given, List<String> wanted, OutputMemory memory) throws NativeFailure {
        for (Tensor input : given) {
            ByteBuffer bytes = input.data().bytes();
            IoBuffers.Pair pair = buffers.of(input.name(), bytes.capacity());
            pair.host().buffer().put(bytes.duplicate().clear());
            stream.upload(pair.host(), pair.device(), bytes.capacity());
            context.setInputShape(input.name(), input.shape().toArray());
            context.setAddress(input.name(), pair.device());
        }
        // Each output needs an address, whether it was asked for or not.
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec output : outputs.values()) {
            Shape shape = shape(output);
            shapes.put(output.name(), shape);
            context.setAddress(
                    output.name(),
                    buffers.of(output.name(), shape.bytes(output.type())).device());
        }
        context.enqueue(stream);
        for (String name : wanted) {
            long bytes = shapes.get(name).bytes(outputs.get(name).type());
            IoBuffers.Pair pair = buffers.of(name, bytes);
            stream.download(pair.device(), pair.host(), bytes);
        }
        stream.synchronize();
        List<Tensor> answers = new ArrayList<>(wanted.size());
        try {
            for (String name : wanted) {
                answers.add(answer(outputs.get(name), shapes.get(name), memory));
            }
            return answers;
        } catch (RuntimeException e) {
            // A caller's memory is too small for one of several.
            answers.forEach(Tensor::close);
            throw e;
        }
    }

    private Shape shape(TensorSpec output) throws NativeFailure {
        long[] dims = context.shape(output.name());
        for (long dim : dims) {
            if (dim < 0) {
                throw new NativeFailure("the shape of output " + output.name()
                        + " depends on values, or not all input shapes are set; such outputs are not served");
            }
        }
        return Shape.of(dims);
    }

    private Tensor answer(TensorSpec output, Shape shape, OutputMemory memory) {
        long bytes = shape.bytes(output.type());
        TensorBuffer buffer = memory.lend(output.name(), bytes);
        ByteBuffer host = buffers.pinned(output.name());
        buffer.bytes().put(host.duplicate().clear().limit((int) bytes)).clear();
        return new Tensor(output.name(), output.type(), shape, buffer);
    }

    /** In the reverse order of making, on the thread that made it all. */
    @Override
    public void close() {
        thread.end(undo::close);
    }
}
