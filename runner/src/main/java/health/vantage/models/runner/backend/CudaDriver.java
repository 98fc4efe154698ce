package health.vantage.models.runner.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * NVIDIA's driver, asked before anything that needs it: libraries above it crash or hand out dead objects where it is missing.
 *
 * @param library its file name, such as {@code libcuda.so.1}
 */
public record CudaDriver(String library) {
    private static final FunctionDescriptor INT_TO_INT =
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    private static final FunctionDescriptor POINTER_TO_INT =
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

    public static CudaDriver system() {
        return new CudaDriver("libcuda.so.1");
    }

    /** Why no GPU can be used; empty when at least one can. */
    // Method handles throw Throwable, and a broken driver may fail in any way.
    public Optional<String> missing() {
        try (Arena arena = Arena.ofConfined()) {
            return ask(arena);
        } catch (Throwable e) {
            return Optional.of("the driver's " + library + " cannot be called: " + e);
        }
    }

    @SuppressWarnings("restricted")
    private Optional<String> ask(Arena arena) throws Throwable {
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(library, arena);
        } catch (IllegalArgumentException e) {
            return Optional.of(
                    library + " not found: there is no NVIDIA driver here, or the container was started without it"
                            + " (runtime class nvidia, docker --gpus)");
        }
        Optional<MemorySegment> init = symbols.find("cuInit");
        Optional<MemorySegment> count = symbols.find("cuDeviceGetCount");
        if (init.isEmpty() || count.isEmpty()) {
            return Optional.of(library + " has no cuInit or cuDeviceGetCount: it is not NVIDIA's driver");
        }
        int code = (int) handle(init.get(), INT_TO_INT).invokeExact(0);
        if (code != 0) {
            return Optional.of("the driver refuses to start: cuInit answers CUDA error " + code);
        }
        MemorySegment devices = arena.allocate(ValueLayout.JAVA_INT);
        int counted = (int) handle(count.get(), POINTER_TO_INT).invokeExact(devices);
        if (counted != 0) {
            return Optional.of("the driver cannot count GPUs: cuDeviceGetCount answers CUDA error " + counted);
        }
        return devices.get(ValueLayout.JAVA_INT, 0) > 0
                ? Optional.empty()
                : Optional.of("the driver sees no GPU (is NVIDIA_VISIBLE_DEVICES or CUDA_VISIBLE_DEVICES empty?)");
    }

    @SuppressWarnings("restricted")
    private static MethodHandle handle(MemorySegment function, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(function, type);
    }
}
