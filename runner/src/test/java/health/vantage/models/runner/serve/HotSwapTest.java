package health.vantage.models.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.seed.InferResponse;
import health.vantage.models.runner.proto.seed.InferenceGrpc;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HotSwapTest {
    private static final int SWAPS = 40;
    private static final int ELEMENTS = 64 * 1024;

    @TempDir
    Path folder;

    @Test
    void versionsAreSwappedUnderLoadAndNoRequestFailsOrMixesTwo() throws Exception {
        byte[] one = OnnxModels.scale(1, ELEMENTS);
        byte[] two = OnnxModels.scale(2, ELEMENTS);
        Shape shape = Shape.of(ELEMENTS);
        AtomicLong answered = new AtomicLong();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        try (RunnerUnderTest runner = new RunnerUnderTest(folder)) {
            ModelSlot slot = runner.serve("swapped", "1", one, shape, shape);
            AtomicBoolean stop = new AtomicBoolean();
            Semaphore inFlight = new Semaphore(8);
            Thread callers = Thread.ofPlatform().start(() -> {
                var stub = InferenceGrpc.newFutureStub(runner.channel());
                var request = RunnerUnderTest.request("swapped", Floats.filled(ELEMENTS, 3), Map.of());
                while (!stop.get()) {
                    inFlight.acquireUninterruptibly();
                    Futures.addCallback(
                            stub.infer(request),
                            new FutureCallback<InferResponse>() {
                                @Override
                                public void onSuccess(InferResponse response) {
                                    check(response, wrong);
                                    answered.incrementAndGet();
                                    inFlight.release();
                                }

                                @Override
                                public void onFailure(Throwable failure) {
                                    wrong.add(failure.toString());
                                    inFlight.release();
                                }
                            },
                            MoreExecutors.directExecutor());
                }
                inFlight.acquireUninterruptibly(8);
            });

            for (int swap = 1; swap <= SWAPS; swap++) {
                long before = answered.get();
                boolean even = swap % 2 == 0;
                slot.stage(runner.load(even ? "1" : "2", even ? one : two, shape, shape));
                assertThat(slot.swapStaged(slot.staged().orElseThrow().digest(), false))
                        .isTrue();
                Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> answered.get() > before + 50);
            }
            stop.set(true);
            callers.join();
        }
        assertThat(wrong).isEmpty();
        assertThat(answered.get()).isGreaterThan(SWAPS * 50L);
    }

    private static void check(InferResponse response, Queue<String> wrong) {
        float factor = Float.parseFloat(response.getModelVersion());
        float[] values = Floats.of(response.getOutputTensor());
        if (values.length != ELEMENTS || values[0] != 3 * factor || values[ELEMENTS - 1] != 3 * factor) {
            wrong.add("version " + response.getModelVersion() + " answered " + values[0]);
        }
    }
}
