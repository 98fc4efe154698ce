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

/**
 * Native runtimes at their worst, on demand: the weights of a {@code gguf} model are one word that says what loading it does. With this on
 * the class path of a real runner the whole way from a crash to the last good version can be tested.
 *
 * <ul>
 *   <li>{@code answer}: loads; {@code y = x}, FP32[4]
 *   <li>{@code crash}: a real SIGSEGV
 *   <li>{@code hang}: never returns
 *   <li>{@code crash-when-serving}, {@code hang-when-serving}: only in the process that serves, so that the preflight passes
 * </ul>
 */
public final class ScriptedBackend implements Backend {
    /** Nothing lies there on Linux; address 0 the JVM would turn into an exception. */
    private static final long UNMAPPED = 1 << 20;

    private static final Shape FOUR = Shape.of(4);

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
        boolean trial = System.getProperty("sun.java.command", "").contains("preflight");
        try {
            switch (Files.readString(files.weights()).strip()) {
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
                case "answer" -> {}
                default -> throw new BackendException("an unknown word in " + files.weights());
            }
            return new Echo();
        } catch (IOException e) {
            throw new BackendException("cannot read " + files.weights(), e);
        }
    }

    @SuppressWarnings("restricted")
    private static void crash() {
        MemorySegment.ofAddress(UNMAPPED).reinterpret(1).set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
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

    private static final class Echo implements LoadedModel {
        @Override
        public List<TensorSpec> inputs() {
            return List.of(new TensorSpec("x", DataType.FP32, FOUR));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(new TensorSpec("y", DataType.FP32, FOUR));
        }

        @Override
        public String device() {
            return "cpu";
        }

        @Override
        public List<Tensor> run(
                List<Tensor> inputs, List<String> outputs, OutputMemory memory, Cancellation cancellation) {
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
