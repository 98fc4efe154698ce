package health.vantage.models.runner.grpc;

import health.vantage.models.runner.model.ModelSlot;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryRegisterResponse;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryStatusResponse;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryUnregisterRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryUnregisterResponse;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.LogSettingsRequest;
import health.vantage.models.runner.proto.v2.LogSettingsResponse;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelMetadataRequest;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse;
import health.vantage.models.runner.proto.v2.ModelReadyRequest;
import health.vantage.models.runner.proto.v2.ModelReadyResponse;
import health.vantage.models.runner.proto.v2.ServerLiveRequest;
import health.vantage.models.runner.proto.v2.ServerLiveResponse;
import health.vantage.models.runner.proto.v2.ServerMetadataRequest;
import health.vantage.models.runner.proto.v2.ServerMetadataResponse;
import health.vantage.models.runner.proto.v2.ServerReadyRequest;
import health.vantage.models.runner.proto.v2.ServerReadyResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterResponse;
import health.vantage.models.runner.proto.v2.TraceSettingRequest;
import health.vantage.models.runner.proto.v2.TraceSettingResponse;
import health.vantage.models.runner.serve.InferenceCall;
import health.vantage.models.runner.serve.Inferences;
import health.vantage.models.runner.serve.ModelTable;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.Shape;
import health.vantage.models.runner.tensor.TensorPool;
import health.vantage.models.runner.tensor.TensorSpec;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The Open Inference Protocol, version 2, as Triton's clients speak it. */
final class OpenInferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private static final String CUDA_SHARED_MEMORY =
            "this runner takes no CUDA shared memory; system shared memory it does, where its operator allows it";

    private final ModelTable table;
    private final Inferences inferences;
    private final BooleanSupplier ready;
    private final String version;
    private final SharedRegions regions;
    private final SharedMemoryMethods sharedMemory;

    OpenInferenceService(
            ModelTable table, Inferences inferences, SharedRegions regions, BooleanSupplier ready, String version) {
        this.table = table;
        this.inferences = inferences;
        this.ready = ready;
        this.version = version;
        this.regions = regions;
        this.sharedMemory = new SharedMemoryMethods(regions);
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
        answer(observer, ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
        answer(
                observer,
                ServerReadyResponse.newBuilder().setReady(ready.getAsBoolean()).build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
        boolean serves = table.find(request.getName())
                .flatMap(lane -> lane.slot().active())
                .filter(active -> asked(active, request.getVersion()))
                .filter(active -> active.trouble().isEmpty())
                .isPresent();
        answer(observer, ModelReadyResponse.newBuilder().setReady(serves).build());
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        answer(
                observer,
                ServerMetadataResponse.newBuilder()
                        .setName("vantage-runner")
                        .setVersion(version)
                        .addAllExtensions(regions.enabled() ? List.of("system_shared_memory") : List.of())
                        .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        ServedVersion held = null;
        try {
            held = hold(request.getName());
            if (!asked(held, request.getVersion())) {
                throw otherVersion(held, request.getVersion());
            }
            answer(observer, describe(request.getName(), held));
        } catch (Refusal refusal) {
            observer.onError(Statuses.of(refusal));
        } finally {
            if (held != null) {
                held.release();
            }
        }
    }

    @Override
    public void systemSharedMemoryStatus(
            SystemSharedMemoryStatusRequest request, StreamObserver<SystemSharedMemoryStatusResponse> observer) {
        answer(observer, request, sharedMemory::status);
    }

    @Override
    public void systemSharedMemoryRegister(
            SystemSharedMemoryRegisterRequest request, StreamObserver<SystemSharedMemoryRegisterResponse> observer) {
        answer(observer, request, sharedMemory::register);
    }

    @Override
    public void systemSharedMemoryUnregister(
            SystemSharedMemoryUnregisterRequest request,
            StreamObserver<SystemSharedMemoryUnregisterResponse> observer) {
        answer(observer, request, sharedMemory::unregister);
    }

    @Override
    public void cudaSharedMemoryStatus(
            CudaSharedMemoryStatusRequest request, StreamObserver<CudaSharedMemoryStatusResponse> observer) {
        observer.onError(unimplemented(CUDA_SHARED_MEMORY));
    }

    @Override
    public void cudaSharedMemoryRegister(
            CudaSharedMemoryRegisterRequest request, StreamObserver<CudaSharedMemoryRegisterResponse> observer) {
        observer.onError(unimplemented(CUDA_SHARED_MEMORY));
    }

    @Override
    public void cudaSharedMemoryUnregister(
            CudaSharedMemoryUnregisterRequest request, StreamObserver<CudaSharedMemoryUnregisterResponse> observer) {
        observer.onError(unimplemented(CUDA_SHARED_MEMORY));
    }

    @Override
    public void traceSetting(TraceSettingRequest request, StreamObserver<TraceSettingResponse> observer) {
        observer.onError(unimplemented("this runner has no trace settings"));
    }

    @Override
    public void logSettings(LogSettingsRequest request, StreamObserver<LogSettingsResponse> observer) {
        observer.onError(unimplemented("log settings are made when this runner starts, not over its port"));
    }

    /** This service with {@link #modelInfer(Split, StreamObserver)} in place of the generated method. */
    ServerServiceDefinition define(TensorPool pool, int maxBytes) {
        return SplitMethod.replace(
                bindService(),
                GRPCInferenceServiceGrpc.getModelInferMethod(),
                new SplitMarshaller<>(
                        ModelInferRequest.parser(), ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER, pool, maxBytes),
                this::modelInfer);
    }

    private void modelInfer(Split<ModelInferRequest> split, StreamObserver<ModelInferResponse> observer) {
        ModelInferRequest request = split.message();
        Reply<ModelInferResponse> reply =
                new Reply<>(observer, answer -> OpenInferenceMessages.response(request, answer));
        try {
            if (!request.getModelVersion().isEmpty()) {
                table.find(request.getModelName())
                        .flatMap(lane -> lane.slot().active())
                        .filter(active -> !asked(active, request.getModelVersion()))
                        .ifPresent(active -> {
                            throw otherVersion(active, request.getModelVersion());
                        });
            }
            InferenceCall call = OpenInferenceMessages.call(request, split.tensors(), regions, reply.cancellation());
            try {
                inferences.submit(call, reply);
            } finally {
                call.inputs().forEach(input -> input.data().close());
            }
        } catch (Refusal refusal) {
            reply.refuse(refusal);
        } finally {
            split.close();
        }
    }

    private ServedVersion hold(String name) {
        ModelSlot slot = table.find(name)
                .orElseThrow(() -> new Refusal(
                        Refusal.Kind.UNKNOWN_MODEL,
                        "no model \"" + name + "\" on this runner; it serves " + table.names()))
                .slot();
        return slot.hold()
                .orElseThrow(
                        () -> new Refusal(Refusal.Kind.NOT_READY, "model " + name + " is not ready: " + slot.whyNot()));
    }

    private static ModelMetadataResponse describe(String name, ServedVersion version) {
        return ModelMetadataResponse.newBuilder()
                .setName(name)
                .addVersions(version.contract().version())
                .setPlatform(version.contract().format())
                .addAllInputs(tensors(version.model().inputs()))
                .addAllOutputs(tensors(version.model().outputs()))
                .build();
    }

    private static List<ModelMetadataResponse.TensorMetadata> tensors(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> ModelMetadataResponse.TensorMetadata.newBuilder()
                        .setName(spec.name())
                        .setDatatype(spec.type().name())
                        .addAllShape(dims(spec.shape()))
                        .build())
                .toList();
    }

    private static List<Long> dims(Shape shape) {
        return Arrays.stream(shape.toArray()).boxed().toList();
    }

    private static boolean asked(ServedVersion active, String version) {
        return version.isEmpty() || active.contract().version().equals(version);
    }

    private static Refusal otherVersion(ServedVersion active, String wanted) {
        return new Refusal(
                Refusal.Kind.UNKNOWN_MODEL,
                "version \"" + wanted + "\" was asked for, and " + active
                        + " serves; leave the version empty to take it");
    }

    private static StatusRuntimeException unimplemented(String sentence) {
        return Status.UNIMPLEMENTED.withDescription(sentence).asRuntimeException();
    }

    private static <Q, R> void answer(StreamObserver<R> observer, Q request, Function<Q, R> method) {
        try {
            answer(observer, method.apply(request));
        } catch (StatusRuntimeException e) {
            observer.onError(e);
        }
    }

    private static <T> void answer(StreamObserver<T> observer, T message) {
        observer.onNext(message);
        observer.onCompleted();
    }
}
