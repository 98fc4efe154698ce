package health.vantage.models.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.ServingOptions.SharedMemory;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ServerMetadataRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import health.vantage.models.runner.samples.Floats;
import health.vantage.models.runner.samples.SharedFile;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.tensor.Shape;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as Triton's clients send them: parameters on the tensors, and no raw contents for those that are in shared memory. */
final class SharedMemoryTest {
    private static final Path DEV_SHM = Path.of("/dev/shm");

    @TempDir
    Path folder;

    private Path shared;
    private RunnerUnderTest runner;
    private GRPCInferenceServiceBlockingStub stub;
    private final List<SharedFile> files = new ArrayList<>();

    @BeforeEach
    void findSharedMemory() throws Exception {
        assumeTrue(Files.isWritable(DEV_SHM), "this machine has no /dev/shm to write to");
        shared = Files.createTempDirectory(DEV_SHM, "vantage-test-");
    }

    @AfterEach
    void stop() throws Exception {
        if (runner != null) {
            // A request lets go just after its answer has left.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> runner.serving().inferences().inside() == 0);
            runner.close();
        }
        for (SharedFile file : files) {
            file.close();
        }
        if (shared != null) {
            try (Stream<Path> left = Files.walk(shared)) {
                left.sorted(java.util.Comparator.reverseOrder())
                        .forEach(path -> path.toFile().delete());
            }
        }
    }

    private void start(boolean copy) throws Exception {
        start(Optional.of(new SharedMemory(shared, copy)));
    }

    private void start(Optional<SharedMemory> options) throws Exception {
        runner = new RunnerUnderTest(folder, LaneLimits.all(new QueueLimits(100, 1)), 1L << 20, 1, options);
        runner.serve("doubler", "1.0.0", OnnxModels.scale(2, 1, 3), Shape.of(1, 3), Shape.of(1, 3));
        stub = GRPCInferenceServiceGrpc.newBlockingStub(runner.channel());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInputIsReadFromSharedMemoryAndTheOutputWrittenThere(boolean copy) throws Exception {
        start(copy);
        SharedFile file = file("scan", 64);
        file.put(8, Floats.bytes(1, 2, 3));
        register("scan", "/scan", 0, 64);

        ModelInferResponse response = stub.modelInfer(request("doubler", "scan", 8, "scan", 32));

        assertThat(file.floats(32, 3)).containsExactly(2, 4, 6);
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, 3L);
        assertThat(response.getOutputs(0)
                        .getParametersOrThrow("shared_memory_region")
                        .getStringParam())
                .isEqualTo("scan");
        assertThat(response.getRawOutputContentsList()).containsExactly(ByteString.EMPTY);
    }

    @Test
    void aRegionCanBeginWithinItsFileWhereNoPageBegins() throws Exception {
        start(false);
        SharedFile file = file("scan", 10_000);
        file.put(5000 + 16, Floats.bytes(1, 2, 3));
        register("late", "scan", 5000, 5000);

        stub.modelInfer(request("doubler", "late", 16, "late", 40));

        assertThat(file.floats(5040, 3)).containsExactly(2, 4, 6);
    }

    @Test
    void memoryThatIsNotAlignedForItsElementsIsCopied() throws Exception {
        start(false);
        SharedFile file = file("scan", 64);
        file.put(1, Floats.bytes(1, 2, 3));
        register("scan", "scan", 0, 64);

        stub.modelInfer(request("doubler", "scan", 1, "scan", 33));

        assertThat(file.floats(33, 3)).containsExactly(2, 4, 6);
    }

    @Test
    void bytesInTheMessageAndInSharedMemoryMixInOneRequest() throws Exception {
        start(false);
        runner.serve(
                "sum",
                "1.0.0",
                new health.vantage.models.runner.onnx.OnnxGraph()
                        .input("a", 2)
                        .input("b", 2)
                        .output("sum", 2)
                        .output("difference", 2)
                        .node("Add", List.of("a", "b"), "sum")
                        .node("Sub", List.of("a", "b"), "difference")
                        .bytes(),
                Shape.of(2),
                Shape.of(2));
        SharedFile file = file("scan", 64);
        file.put(0, Floats.bytes(10, 20));
        register("scan", "scan", 0, 64);

        ModelInferResponse response = stub.modelInfer(ModelInferRequest.newBuilder()
                .setModelName("sum")
                .addInputs(input("a", 2).putAllParameters(place("scan", 0, 8)))
                .addInputs(input("b", 2))
                .addRawInputContents(ByteString.copyFrom(Floats.bytes(1, 2)))
                .addOutputs(output("sum").putAllParameters(place("scan", 32, 8)))
                .addOutputs(output("difference"))
                .build());

        assertThat(file.floats(32, 2)).containsExactly(11, 22);
        assertThat(Floats.of(response.getRawOutputContents(1))).containsExactly(9, 18);
    }

    @Test
    void tensorsInSharedMemoryDoNotCountAgainstTheBytesInFlight() throws Exception {
        start(false);
        int elements = 1 << 20;
        runner.serve("large", "1.0.0", OnnxModels.scale(2, elements), Shape.of(elements), Shape.of(elements));
        SharedFile file = file("large", 8 * elements);
        file.put(0, Floats.filled(elements, 3));
        register("large", "large", 0, 8 * elements);

        stub.modelInfer(ModelInferRequest.newBuilder()
                .setModelName("large")
                .addInputs(input("x", elements).putAllParameters(place("large", 0, 4L * elements)))
                .addOutputs(output("y").putAllParameters(place("large", 4L * elements, 4L * elements)))
                .build());

        assertThat(file.floats(4 * elements, elements)).containsOnly(6);
    }

    @Test
    void statusTellsWhatIsRegistered() throws Exception {
        start(false);
        file("scan", 64);
        register("one", "/scan", 0, 64);
        register("two", "scan", 16, 32);

        var all = stub.systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance());
        var two = stub.systemSharedMemoryStatus(
                SystemSharedMemoryStatusRequest.newBuilder().setName("two").build());

        assertThat(all.getRegionsMap()).containsOnlyKeys("one", "two");
        assertThat(all.getRegionsOrThrow("one").getKey()).isEqualTo("/scan");
        assertThat(two.getRegionsOrThrow("two").getOffset()).isEqualTo(16);
        assertThat(two.getRegionsOrThrow("two").getByteSize()).isEqualTo(32);
        refused(
                Status.Code.NOT_FOUND,
                "\"three\"",
                () -> stub.systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.newBuilder()
                        .setName("three")
                        .build()));
    }

    @Test
    void aNameIsFreeAgainOnceUnregisteredAndUnregisteringTheUnknownIsFine() throws Exception {
        start(false);
        file("scan", 64);
        register("one", "scan", 0, 64);
        refused(Status.Code.ALREADY_EXISTS, "\"one\" is registered already", () -> register("one", "scan", 0, 32));

        unregister("one");
        unregister("never");
        register("one", "scan", 0, 32);
        unregister("");

        assertThat(stub.systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance())
                        .getRegionsMap())
                .isEmpty();
        refused(
                Status.Code.NOT_FOUND,
                "no shared memory region \"one\"",
                () -> stub.modelInfer(request("doubler", "one", 0, "one", 16)));
    }

    @Test
    void aKeyNeverLeadsOutOfTheFolder() throws Exception {
        start(false);
        Path outside = folder.resolve("secret");
        Files.write(outside, new byte[64]);
        Files.createSymbolicLink(shared.resolve("link"), outside);
        Files.createDirectory(shared.resolve("clinic"));
        Files.createSymbolicLink(shared.resolve("elsewhere"), folder);
        files.add(SharedFile.create(shared.resolve("clinic/scan"), 64));

        refusedKey("../" + folder.getFileName() + "/secret", "without \"..\"");
        refusedKey("clinic/../link", "without \"..\"");
        refusedKey("/", "1 to 255 characters");
        refusedKey("//" + outside, "leads down");
        refusedKey("link", "no regular file, and links are not followed");
        refusedKey("elsewhere/secret", "elsewhere/secret");
        refusedKey("clinic", "no regular file");
        refusedKey("nothing", "no such file below " + shared);
        register("scan", "/clinic/scan", 0, 64);
    }

    @Test
    void sizesAreCheckedAgainstTheRealFile() throws Exception {
        start(false);
        file("scan", 64);

        refused(Status.Code.INVALID_ARGUMENT, "\"scan\" has 64", () -> register("r", "scan", 0, 65));
        refused(Status.Code.INVALID_ARGUMENT, "\"scan\" has 64", () -> register("r", "scan", 64, 1));
        refused(Status.Code.INVALID_ARGUMENT, "\"scan\" has 64", () -> register("r", "scan", 0, 0));
        refused(Status.Code.INVALID_ARGUMENT, "\"scan\" has 64", () -> register("r", "scan", 8, -1));
        refused(Status.Code.INVALID_ARGUMENT, "\"scan\" has 64", () -> register("r", "scan", -8, 16));
        register("r", "scan", 0, 64);

        refused(
                Status.Code.INVALID_ARGUMENT,
                "has 64 bytes, 12 from 60",
                () -> stub.modelInfer(request("doubler", "r", 60, "r", 0)));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "output y has 12 bytes, the request set aside 8",
                () -> stub.modelInfer(ModelInferRequest.newBuilder()
                        .setModelName("doubler")
                        .addInputs(input("x", 1, 3).putAllParameters(place("r", 0, 12)))
                        .addOutputs(output("y").putAllParameters(place("r", 32, 8)))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "must have 12 bytes, got 8",
                () -> stub.modelInfer(ModelInferRequest.newBuilder()
                        .setModelName("doubler")
                        .addInputs(input("x", 1, 3).putAllParameters(place("r", 0, 8)))
                        .build()));
        refused(
                Status.Code.INVALID_ARGUMENT,
                "need each other",
                () -> stub.modelInfer(ModelInferRequest.newBuilder()
                        .setModelName("doubler")
                        .addInputs(input("x", 1, 3)
                                .putParameters(
                                        "shared_memory_region",
                                        InferParameter.newBuilder()
                                                .setStringParam("r")
                                                .build()))
                        .build()));
        unregister("r");
    }

    @Test
    void onlySoManyRegionsCanBeRegistered() throws Exception {
        start(false);
        file("scan", 64);
        for (int i = 0; i < 256; i++) {
            register("r" + i, "scan", 0, 64);
        }

        refused(Status.Code.RESOURCE_EXHAUSTED, "256 shared memory regions", () -> register("more", "scan", 0, 64));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatWasCutOffSinceItWasRegisteredIsRefused(boolean copy) throws Exception {
        start(copy);
        SharedFile file = file("scan", 64);
        register("scan", "scan", 0, 64);
        file.cutTo(16);

        refused(
                Status.Code.INVALID_ARGUMENT,
                "was made smaller since it was registered",
                () -> stub.modelInfer(request("doubler", "scan", 0, "scan", 32)));
    }

    @Test
    void unregisteringDuringARunLetsTheRunEnd() throws Exception {
        start(false);
        int size = 512;
        runner.serveSlow(size, Duration.ofMillis(500));
        int bytes = size * size * Float.BYTES;
        SharedFile file = file("slow", 2 * bytes);
        register("slow", "slow", 0, 2L * bytes);
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName("slow")
                .addInputs(input("x", size, size).putAllParameters(place("slow", 0, bytes)))
                .addOutputs(output("y").putAllParameters(place("slow", bytes, bytes)))
                .build();

        CompletableFuture<ModelInferResponse> answer = CompletableFuture.supplyAsync(() -> stub.modelInfer(request));
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> runner.serving().inferences().inside() == 1);
        unregister("slow");
        refused(Status.Code.NOT_FOUND, "no shared memory region", () -> stub.modelInfer(request));

        assertThat(answer.get().getOutputsCount()).isEqualTo(1);
        assertThat(file.floats(bytes, 4)).containsOnly(0);
    }

    @Test
    void withoutAFolderItIsSwitchedOff() throws Exception {
        start(Optional.empty());

        refused(Status.Code.UNIMPLEMENTED, "switched off on this runner", () -> register("r", "scan", 0, 64));
        assertThat(stub.serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getExtensionsList())
                .doesNotContain("system_shared_memory");
        runner.close();
        start(false);
        assertThat(stub.serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getExtensionsList())
                .contains("system_shared_memory");
    }

    @Test
    void cudaSharedMemoryIsUnimplementedAndSaysSo() throws Exception {
        start(false);
        refused(
                Status.Code.UNIMPLEMENTED,
                "CUDA shared memory",
                () -> stub.cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest.getDefaultInstance()));
    }

    private SharedFile file(String name, int size) throws IOException {
        SharedFile file = SharedFile.create(shared.resolve(name), size);
        files.add(file);
        return file;
    }

    private void register(String name, String key, long offset, long size) {
        stub.systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.newBuilder()
                .setName(name)
                .setKey(key)
                .setOffset(offset)
                .setByteSize(size)
                .build());
    }

    private void unregister(String name) {
        stub.systemSharedMemoryUnregister(
                SystemSharedMemoryUnregisterRequest.newBuilder().setName(name).build());
    }

    private void refusedKey(String key, String sentence) {
        refused(Status.Code.INVALID_ARGUMENT, sentence, () -> register("r", key, 0, 64));
    }

    private static void refused(Status.Code code, String sentence, Runnable call) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call::run)
                .withMessageContaining(sentence)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    /** {@code y = doubler(x)}, FP32[1,3]. */
    private static ModelInferRequest request(String model, String in, long at, String out, long to) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(input("x", 1, 3).putAllParameters(place(in, at, 12)))
                .addOutputs(output("y").putAllParameters(place(out, to, 12)))
                .build();
    }

    private static InferInputTensor.Builder input(String name, long... shape) {
        InferInputTensor.Builder tensor =
                InferInputTensor.newBuilder().setName(name).setDatatype("FP32");
        for (long dim : shape) {
            tensor.addShape(dim);
        }
        return tensor;
    }

    private static InferRequestedOutputTensor.Builder output(String name) {
        return InferRequestedOutputTensor.newBuilder().setName(name);
    }

    private static Map<String, InferParameter> place(String region, long offset, long size) {
        return Map.of(
                "shared_memory_region",
                InferParameter.newBuilder().setStringParam(region).build(),
                "shared_memory_offset",
                InferParameter.newBuilder().setInt64Param(offset).build(),
                "shared_memory_byte_size",
                InferParameter.newBuilder().setInt64Param(size).build());
    }
}
