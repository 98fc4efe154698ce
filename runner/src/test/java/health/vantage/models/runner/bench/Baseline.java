package health.vantage.models.runner.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Set;

/** ONNX Runtime at its fastest in this process: the same session options as the runner's, tensors in direct memory, made once. */
final class Baseline implements AutoCloseable {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    Baseline(byte[] onnx, int threads, ByteBuffer input, Shape in, Shape out) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setMemoryPatternOptimization(false);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = environment.createSession(onnx, options);
        }
        ByteBuffer direct = ByteBuffer.allocateDirect(input.remaining()).order(ByteOrder.nativeOrder());
        direct.put(input.duplicate()).clear();
        ByteBuffer answer = ByteBuffer.allocateDirect(Math.toIntExact(out.bytes(DataType.FP32)))
                .order(ByteOrder.nativeOrder());
        inputs = Map.of(
                session.getInputNames().iterator().next(),
                OnnxTensor.createTensor(environment, direct, in.toArray(), OnnxJavaType.FLOAT));
        outputs = Map.of(
                session.getOutputNames().iterator().next(),
                OnnxTensor.createTensor(environment, answer, out.toArray(), OnnxJavaType.FLOAT));
    }

    /** For one caller at a time: the output is shared. */
    void run() throws OrtException {
        session.run(inputs, Set.of(), outputs).close();
    }

    @Override
    public void close() throws OrtException {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        session.close();
    }
}
