package health.vantage.models.runner.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import health.vantage.models.runner.tensor.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** ONNX Runtime at its fastest in this process: the same session options as the runner's, tensors in direct memory, made once. */
final class Baseline implements AutoCloseable {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs;

    Baseline(Case one, int threads) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setMemoryPatternOptimization(false);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = environment.createSession(one.onnx().toString(), options);
        }
        for (Case.Input input : one.inputs()) {
            OnnxJavaType type = input.type() == DataType.INT64 ? OnnxJavaType.INT64 : OnnxJavaType.FLOAT;
            inputs.put(
                    input.name(),
                    OnnxTensor.createTensor(
                            environment,
                            input.bytes().duplicate(),
                            input.shape().toArray(),
                            type));
        }
        ByteBuffer answer =
                ByteBuffer.allocateDirect(Math.toIntExact(one.output().bytes())).order(ByteOrder.nativeOrder());
        outputs = Map.of(
                one.output().name(),
                OnnxTensor.createTensor(
                        environment, answer, one.output().shape().toArray(), OnnxJavaType.FLOAT));
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
