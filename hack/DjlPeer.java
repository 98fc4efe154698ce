import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import health.vantage.models.runner.bench.Peer;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** DJL with its ONNX Runtime engine as its documentation has one use it, for RunnerBench; compiled by hack/bench-runner. */
public final class DjlPeer implements Peer {
    private ZooModel<NDList, NDList> model;
    private Predictor<NDList, NDList> predictor;
    private NDManager manager;
    private ByteBuffer input;
    private Shape shape;

    @Override
    public void open(Path onnx, ByteBuffer given, long[] dims, int threads) throws Exception {
        input = given;
        shape = new Shape(dims);
        model = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(onnx)
                .optEngine("OnnxRuntime")
                .optTranslator(new NoopTranslator())
                .optOption("intraOpNumThreads", Integer.toString(threads))
                .optOption("interOpNumThreads", "1")
                .build()
                .loadModel();
        predictor = model.newPredictor();
        manager = model.getNDManager();
    }

    @Override
    public ByteBuffer run() throws Exception {
        // What a request costs there as well: its input becomes an array, its answer bytes.
        try (NDManager request = manager.newSubManager()) {
            NDList answer = predictor.predict(new NDList(request.create(input.duplicate().order(input.order()).asFloatBuffer(), shape)));
            answer.attach(request);
            return answer.getFirst().toByteBuffer();
        }
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }
}
