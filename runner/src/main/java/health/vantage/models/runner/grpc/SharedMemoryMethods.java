package health.vantage.models.runner.grpc;

import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryRegisterResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusResponse;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryStatusResponse.RegionStatus;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterRequest;
import health.vantage.models.runner.proto.v2.SystemSharedMemoryUnregisterResponse;
import health.vantage.models.runner.shm.SharedMemoryException;
import health.vantage.models.runner.shm.SharedRegions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Collection;
import java.util.List;

/** Triton's system shared memory extension; its answers and refusals are Triton's. */
final class SharedMemoryMethods {
    private final SharedRegions regions;

    SharedMemoryMethods(SharedRegions regions) {
        this.regions = regions;
    }

    SystemSharedMemoryStatusResponse status(SystemSharedMemoryStatusRequest request) {
        Collection<SharedRegions.Status> found = request.getName().isEmpty()
                ? regions.statuses()
                : List.of(regions.status(request.getName()).orElseThrow(() -> Status.NOT_FOUND
                        .withDescription("no shared memory region \"" + request.getName() + "\" is registered")
                        .asRuntimeException()));
        SystemSharedMemoryStatusResponse.Builder response = SystemSharedMemoryStatusResponse.newBuilder();
        found.forEach(region -> response.putRegions(
                region.name(),
                RegionStatus.newBuilder()
                        .setName(region.name())
                        .setKey(region.key())
                        .setOffset(region.offset())
                        .setByteSize(region.size())
                        .build()));
        return response.build();
    }

    SystemSharedMemoryRegisterResponse register(SystemSharedMemoryRegisterRequest request) {
        try {
            regions.register(request.getName(), request.getKey(), request.getOffset(), request.getByteSize());
            return SystemSharedMemoryRegisterResponse.getDefaultInstance();
        } catch (SharedMemoryException e) {
            throw status(e);
        }
    }

    SystemSharedMemoryUnregisterResponse unregister(SystemSharedMemoryUnregisterRequest request) {
        if (request.getName().isEmpty()) {
            regions.unregisterAll();
        } else {
            regions.unregister(request.getName());
        }
        return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    private static StatusRuntimeException status(SharedMemoryException e) {
        Status status =
                switch (e.kind()) {
                    case DISABLED -> Status.UNIMPLEMENTED;
                    case NAME_TAKEN -> Status.ALREADY_EXISTS;
                    case INVALID -> Status.INVALID_ARGUMENT;
                    case TOO_MANY -> Status.RESOURCE_EXHAUSTED;
                };
        return status.withDescription(e.getMessage()).asRuntimeException();
    }
}
