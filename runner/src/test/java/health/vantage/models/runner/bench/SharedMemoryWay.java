package health.vantage.models.runner.bench;

import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import health.vantage.models.runner.proto.v2.InferParameter;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferInputTensor;
import health.vantage.models.runner.proto.v2.ModelInferRequest.InferRequestedOutputTensor;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import health.vantage.models.runner.samples.SharedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Triton's system shared memory: each caller has a file of its own, the messages travel through the Unix socket. */
record SharedMemoryWay(Path folder, GrpcWay messages, AtomicInteger number) implements Way {
    /** What the runtimes like for vector loads. */
    private static final int ALIGNMENT = 64;

    SharedMemoryWay(Path folder, GrpcWay messages) {
        this(folder, messages, new AtomicInteger());
    }

    @Override
    public String name() {
        return "shm";
    }

    @Override
    public Caller caller(Case one) throws IOException {
        GRPCInferenceServiceBlockingStub stub = GRPCInferenceServiceGrpc.newBlockingStub(messages.channel());
        String region = one.name() + "-" + number.incrementAndGet();
        long size = one.inputs().stream()
                        .mapToLong(input -> aligned(input.bytes().capacity()))
                        .sum()
                + one.output().bytes();
        SharedFile file = SharedFile.create(folder.resolve(region), Math.toIntExact(size));
        stub.systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.newBuilder()
                .setName(region)
                .setKey("/" + region)
                .setByteSize(size)
                .build());
        ModelInferRequest request = request(one, region, file);
        return new Caller() {
            @Override
            public void send() {
                ModelInferResponse answer = stub.modelInfer(request);
                if (!answer.getOutputs(0).containsParameters("shared_memory_region")) {
                    throw new IllegalStateException(one.name() + " did not answer into shared memory");
                }
            }

            @Override
            public void close() throws IOException {
                stub.systemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest.newBuilder()
                        .setName(region)
                        .build());
                file.close();
            }
        };
    }

    /** The inputs one after the other, then the output. */
    private static ModelInferRequest request(Case one, String region, SharedFile file) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(one.name());
        int offset = 0;
        for (Case.Input input : one.inputs()) {
            file.put(offset, input.bytes().duplicate());
            request.addInputs(InferInputTensor.newBuilder()
                    .setName(input.name())
                    .setDatatype(input.type().name())
                    .addAllShape(Arrays.stream(input.shape().toArray()).boxed().toList())
                    .putAllParameters(place(region, offset, input.bytes().capacity())));
            offset += aligned(input.bytes().capacity());
        }
        return request.addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName(one.output().name())
                        .putAllParameters(place(region, offset, one.output().bytes())))
                .build();
    }

    private static int aligned(int size) {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
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

    @Override
    public void close() {
        // The messages' way is closed by whoever opened it.
    }
}
