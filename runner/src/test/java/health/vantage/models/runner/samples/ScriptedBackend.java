package health.vantage.models.runner.samples;

import health.vantage.models.runner.backend.Availability;
import health.vantage.models.runner.backend.Backend;
import health.vantage.models.runner.backend.BackendException;
import health.vantage.models.runner.backend.Cancellation;
import health.vantage.models.runner.backend.LoadOptions;
import health.vantage.models.runner.backend.LoadedModel;
import health.vantage.models.runner.backend.ModelFiles;
import health.vantage.models.runner.tensor.DataType;
import health.vantage.models.runner.tensor.OutputMemory;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.Tensor;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Native runtimes at their worst, on demand: the weights of a {@code gguf} model are one word that says what loading it does. With this on
 * the class path of a real runner the whole way from a crash to the last good version can be tested.
 *
 * <ul>
 *   <li>{@code answer}: loads; {@code y = x}, FP32[4]
 *   <li>{@code on-gpu}: the same, and says that it runs on the GPU it was loaded for
 *   <li>{@code crash}: a real SIGSEGV
 *   <li>{@code hang}: never returns
 *   <li>{@code crash-when-serving}, {@code hang-when-serving}: only in the process that serves, so that the preflight passes
 *   <li>{@code hang-in-run}: answers, but a run whose first value is above 0.5 does not end, whoever cancels it, until {@link
 *       #letGo()}
 * </ul>
 */
public final class ScriptedBackend implements Backend {
    /** Nothing lies there on Linux; address 0 the JVM would turn into an exception. */
    private static final long UNMAPPED = 1 << 20;

    private static final Shape FOUR = Shape.of(4);
    private static final CountDownLatch LET_GO = new CountDownLatch(1);

    @Override
    public String name() {
        return "scripted";
    }

    @Override
    public Set<String> formats() {
        return Set.of("gguf");
    }

    @Override
    public String fileSuffix() {
        return ".gguf";
    }

    @Override
    public Availability probe() {
        return new Availability.Available("1", "cpu");
    }

    @Override
    public LoadedModel load(ModelFiles files, LoadOptions options) throws BackendException {
        boolean trial = System.getProperty("sun.java.command", "").contains("PreflightChild");
        try {
            String word = Files.readString(files.weights()).strip();
            switch (word) {
                case "crash" -> crash();
                case "hang" -> hang();
                case "crash-when-serving" -> {
                    if (!trial) {
                        crash();
                    }
                }
                case "hang-when-serving" -> {
                    if (!trial) {
                        hang();
                    }
                }
                case "answer", "on-gpu", "hang-in-run" -> {}
                default -> throw new BackendException("an unknown word in " + files.weights());
            }
            return new Echo(word.equals("on-gpu") ? "cuda:" + options.device() : "cpu", word.equals("hang-in-run"));
        } catch (IOException e) {
            throw new BackendException("cannot read " + files.weights(), e);
        }
    }

    @SuppressWarnings("restricted")
    private static void crash() {
        MemorySegment.ofAddress(UNMAPPED).reinterpret(1).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    }

    private static void hangUntilLetGo() {
        while (LET_GO.getCount() > 0) {
            try {
                LET_GO.await();
            } catch (InterruptedException e) {
                // Native code would not notice either.
                continue;
            }
        }
    }

    private static void hang() {
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // Native code would not notice either.
                continue;
            }
        }
    }

    /** Ends the runs that hang in this process. */
    public static void letGo() {
        LET_GO.countDown();
    }

    private record Echo(String device, boolean mayHang) implements LoadedModel {
        @Override
        public List<TensorSpec> inputs() {
            return List.of(new TensorSpec("x", DataType.FP32, FOUR));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(new TensorSpec("y", DataType.FP32, FOUR));
        }

        @Override
        public List<Tensor> run(
                List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation) {
            if (mayHang && inputs.getFirst().data().bytes().getFloat(0) > 0.5f) {
                hangUntilLetGo();
            }
            TensorBuffer copy = memory.lend("y", FOUR.bytes(DataType.FP32));
            copy.bytes()
                    .put(inputs.getFirst().data().bytes().duplicate().clear())
                    .clear();
            return List.of(new Tensor("y", DataType.FP32, FOUR, copy));
        }

        @Override
        public void close() {}
    }
}
