package health.vantage.models.runner.grpc;

import health.vantage.models.runner.openinference.Extensions;
import health.vantage.models.runner.openinference.ModelDirectory;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryRegisterResponse;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryStatusResponse;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryUnregisterRequest;
import health.vantage.models.runner.proto.v2.CudaSharedMemoryUnregisterResponse;
import health.vantage.models.runner.proto.v2.GRPCInferenceServiceGrpc;
import health.vantage.models.runner.proto.v2.LogSettingsRequest;
import health.vantage.models.runner.proto.v2.LogSettingsResponse;
import health.vantage.models.runner.proto.v2.ModelConfigRequest;
import health.vantage.models.runner.proto.v2.ModelConfigResponse;
import health.vantage.models.runner.proto.v2.ModelInferRequest;
import health.vantage.models.runner.proto.v2.ModelInferResponse;
import health.vantage.models.runner.proto.v2.ModelMetadataRequest;
import health.vantage.models.runner.proto.v2.ModelMetadataResponse;
import health.vantage.models.runner.proto.v2.ModelReadyRequest;
import health.vantage.models.runner.proto.v2.ModelReadyResponse;
import health.vantage.models.runner.proto.v2.ModelStatisticsRequest;
import health.vantage.models.runner.proto.v2.ModelStatisticsResponse;
import health.vantage.models.runner.proto.v2.RepositoryIndexRequest;
import health.vantage.models.runner.proto.v2.RepositoryIndexResponse;
import health.vantage.models.runner.proto.v2.RepositoryModelLoadRequest;
import health.vantage.models.runner.proto.v2.RepositoryModelLoadResponse;
import health.vantage.models.runner.proto.v2.RepositoryModelUnloadRequest;
import health.vantage.models.runner.proto.v2.RepositoryModelUnloadResponse;
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
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.shm.SharedRegions;
import health.vantage.models.runner.tensor.TensorPool;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** The Open Inference Protocol, version 2, as Triton's clients speak it. */
final class OpenInferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    private static final String CUDA_SHARED_MEMORY =
            "this runner takes no CUDA shared memory; system shared memory it does, where its operator allows it";

    private final ModelDirectory models;
    private final Inferences inferences;
    private final BooleanSupplier ready;
    private final String version;
    private final SharedRegions regions;
    private final SharedMemoryMethods sharedMemory;

    OpenInferenceService(
            ModelDirectory models,
            Inferences inferences,
            SharedRegions regions,
            BooleanSupplier ready,
            String version) {
        this.models = models;
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
        answer(
                observer,
                ModelReadyResponse.newBuilder()
                        .setReady(models.ready(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        answer(
                observer,
                ServerMetadataResponse.newBuilder()
                        .setName("vantage-runner")
                        .setVersion(version)
                        .addAllExtensions(Extensions.of(regions))
                        .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        answer(observer, request, asked -> models.metadata(asked.getName(), asked.getVersion()));
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
        answer(observer, request, asked -> ModelConfigResponse.newBuilder()
                .setConfig(models.config(asked.getName(), asked.getVersion()))
                .build());
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
        answer(observer, request, asked -> models.statistics(asked.getName(), asked.getVersion()));
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
        answer(observer, request, asked -> models.index(asked.getRepositoryName(), asked.getReady()));
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
        observer.onError(Statuses.of(models.notOverThisPort(request.getModelName())));
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> observer) {
        observer.onError(Statuses.of(models.notOverThisPort(request.getModelName())));
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
    ServerServiceDefinition define(TensorPool pool, int maxBytes, Executor handlers) {
        SplitMarshaller<ModelInferRequest> requests = new SplitMarshaller<>(
                ModelInferRequest.parser(), ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER, pool, maxBytes);
        SplitMethod<ModelInferRequest> methods =
                new SplitMethod<>(requests, handlers, OpenInferenceMessages::readsSharedMemory);
        ServerServiceDefinition unary = methods.unary(
                bindService(),
                GRPCInferenceServiceGrpc.getModelInferMethod(),
                new OutgoingMarshaller<>(ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER),
                this::modelInfer);
        return methods.streaming(
                unary,
                GRPCInferenceServiceGrpc.getModelStreamInferMethod(),
                new StreamReplyMarshaller(),
                observer -> new InferStream(observer, inferences, models, regions));
    }

    private void modelInfer(Split<ModelInferRequest> split, StreamObserver<Outgoing<ModelInferResponse>> observer) {
        ModelInferRequest request = split.message();
        Reply<Outgoing<ModelInferResponse>> reply =
                new Reply<>(observer, answer -> OpenInferenceMessages.response(request, answer));
        try {
            models.checkVersion(request.getModelName(), request.getModelVersion());
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

    private static StatusRuntimeException unimplemented(String sentence) {
        return Status.UNIMPLEMENTED.withDescription(sentence).asRuntimeException();
    }

    private static <Q, R> void answer(StreamObserver<R> observer, Q request, Function<Q, R> method) {
        try {
            answer(observer, method.apply(request));
        } catch (StatusRuntimeException e) {
            observer.onError(e);
        } catch (Refusal refusal) {
            observer.onError(Statuses.of(refusal));
        }
    }

    private static <T> void answer(StreamObserver<T> observer, T message) {
        observer.onNext(message);
        observer.onCompleted();
    }
}
