package health.vantage.models.runner.backend.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.Result;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.TensorInfo;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An ONNX Runtime session. Outputs whose shape is known beforehand are computed straight into pooled memory; the binding's own way
 * out copies them through the Java heap.
 */
final class OnnxModel implements LoadedModel {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final String device;
    private final List<TensorSpec> inputs;
    private final Map<String, TensorSpec> outputs = new HashMap<>();
    private final List<TensorSpec> outputsInOrder;
    private final OutputShapes shapes = new OutputShapes();

    OnnxModel(OrtEnvironment environment, OrtSession session, String device) throws BackendException, OrtException {
        this.environment = environment;
        this.session = session;
        this.device = device;
        try {
            this.inputs = specs(session.getInputInfo().values(), OnnxTypes::input);
            this.outputsInOrder = specs(session.getOutputInfo().values(), OnnxTypes::output);
        } catch (BackendException | OrtException e) {
            session.close();
            throw e;
        }
        outputsInOrder.forEach(spec -> outputs.put(spec.name(), spec));
    }

    private interface Reading {
        TensorSpec spec(NodeInfo node) throws BackendException;
    }

    private static List<TensorSpec> specs(Collection<NodeInfo> nodes, Reading reading) throws BackendException {
        List<TensorSpec> specs = new ArrayList<>(nodes.size());
        for (NodeInfo node : nodes) {
            specs.add(reading.spec(node));
        }
        return List.copyOf(specs);
    }

    @Override
    public List<TensorSpec> inputs() {
        return inputs;
    }

    @Override
    public List<TensorSpec> outputs() {
        return outputsInOrder;
    }

    @Override
    public Optional<String> objection(List<Tensor> given) {
        return given.stream()
                .filter(tensor -> !tensor.type().isFixedWidth())
                .map(OnnxTexts::objection)
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public String device() {
        return device;
    }

    @Override
    public List<Tensor> run(List<Tensor> given, List<String> wanted, OutputMemory memory, Cancellation cancellation)
            throws BackendException {
        List<Shape> key = given.stream().map(Tensor::shape).toList();
        Map<String, Shape> expected =
                shapes.expect(key, wanted.stream().map(outputs::get).toList());
        try {
            return run(given, wanted, expected, key, memory, cancellation);
        } catch (OrtException e) {
            if (cancellation.cancelled()) {
                throw new BackendException("the run was stopped: its caller has gone or its deadline has passed", e);
            }
            if (shapes.forget(e, wanted)) {
                return runUnpredicted(given, wanted, memory, cancellation);
            }
            throw new BackendException("the model failed: " + e.getMessage(), e);
        }
    }

    private List<Tensor> run(
            List<Tensor> given,
            List<String> wanted,
            Map<String, Shape> expected,
            List<Shape> key,
            OutputMemory memory,
            Cancellation cancellation)
            throws OrtException, BackendException {
        Map<String, TensorBuffer> buffers = new HashMap<>();
        Map<String, OnnxTensor> feeds = new HashMap<>();
        Map<String, OnnxTensor> pinned = new HashMap<>();
        boolean done = false;
        try (RunOptions options = new RunOptions()) {
            for (Tensor tensor : given) {
                feeds.put(tensor.name(), feed(tensor));
            }
            Set<String> open = new LinkedHashSet<>();
            for (String name : wanted) {
                Optional<Shape> shape = Optional.ofNullable(expected.get(name));
                if (shape.isEmpty()) {
                    open.add(name);
                    continue;
                }
                TensorSpec spec = outputs.get(name);
                TensorBuffer buffer = memory.lend(name, shape.get().bytes(spec.type()));
                buffers.put(name, buffer);
                pinned.put(name, wrap(buffer.bytes(), spec, shape.get()));
            }
            try (var _ = cancellation.onCancel(() -> terminate(options));
                    Result result = session.run(feeds, open, pinned, options)) {
                List<Tensor> answer = new ArrayList<>(wanted.size());
                for (String name : wanted) {
                    TensorSpec spec = outputs.get(name);
                    Shape shape = expected.get(name);
                    if (shape == null) {
                        OnnxTensor value = tensor(name, result);
                        shape = Shape.of(value.getInfo().getShape());
                        shapes.learn(key, spec, shape);
                        buffers.put(
                                name,
                                spec.type().isFixedWidth()
                                        ? copy(value, memory.lend(name, shape.bytes(spec.type())))
                                        : OnnxTexts.read(value, name, memory));
                    }
                    answer.add(new Tensor(name, spec.type(), shape, buffers.get(name)));
                }
                done = true;
                return answer;
            }
        } finally {
            feeds.values().forEach(OnnxTensor::close);
            pinned.values().forEach(OnnxTensor::close);
            if (!done) {
                buffers.values().forEach(TensorBuffer::close);
            }
        }
    }

    private List<Tensor> runUnpredicted(
            List<Tensor> given, List<String> wanted, OutputMemory memory, Cancellation cancellation)
            throws BackendException {
        try {
            return run(given, wanted, Map.of(), List.of(), memory, cancellation);
        } catch (OrtException e) {
            throw new BackendException("the model failed: " + e.getMessage(), e);
        }
    }

    private OnnxTensor feed(Tensor tensor) throws OrtException, BackendException {
        return tensor.type().isFixedWidth()
                ? wrap(
                        tensor.data().bytes(),
                        new TensorSpec(tensor.name(), tensor.type(), tensor.shape()),
                        tensor.shape())
                : OnnxTexts.feed(environment, tensor);
    }

    private OnnxTensor wrap(ByteBuffer bytes, TensorSpec spec, Shape shape) throws OrtException, BackendException {
        return OnnxTensor.createTensor(
                environment, bytes.clear(), shape.toArray(), OnnxTypes.javaType(spec.name(), spec.type()));
    }

    private static OnnxTensor tensor(String name, Result result) throws BackendException {
        OnnxValue value = result.get(name)
                .orElseThrow(() -> new BackendException("the model returned no output \"" + name + "\""));
        if (value instanceof OnnxTensor tensor && tensor.getInfo() instanceof TensorInfo) {
            return tensor;
        }
        throw new BackendException("output \"" + name + "\" is " + value.getType() + ", not a plain tensor");
    }

    private static TensorBuffer copy(OnnxTensor value, TensorBuffer buffer) {
        if (buffer.bytes().capacity() > 0) {
            buffer.bytes().put(value.getByteBuffer()).clear();
        }
        return buffer;
    }

    private static void terminate(RunOptions options) {
        try {
            options.setTerminate(true);
        } catch (OrtException e) {
            // Then the run ends by itself, later; nothing is lost but time.
            System.getLogger(OnnxModel.class.getName()).log(System.Logger.Level.WARNING, "cannot stop a run", e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            System.getLogger(OnnxModel.class.getName())
                    .log(System.Logger.Level.WARNING, "ONNX Runtime could not free a session: {0}", e.getMessage());
        }
    }
}
