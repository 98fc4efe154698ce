package health.vantage.models.runner.load;

import health.vantage.models.runner.tensor.TensorPool;
import io.netty.util.internal.PlatformDependent;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * What native code of this process has allocated that is neither gRPC's nor a tensor's, and so most likely a model's, as the C library
 * counts it. What the process takes of the machine would say less: Java's heap grows and shrinks in it, and the C library keeps what was
 * freed. Source: mallinfo(3); mallinfo2 is glibc's since 2.33 and sums over all arenas.
 */
final class NativeMemory {
    private static final StructLayout MALLINFO2 = MemoryLayout.structLayout(
            field("arena"),
            field("ordblks"),
            field("smblks"),
            field("hblks"),
            field("hblkhd"),
            field("usmblks"),
            field("fsmblks"),
            field("uordblks"),
            field("fordblks"),
            field("keepcost"));
    /** In mappings of their own, which large blocks get. */
    private static final long MAPPED = MALLINFO2.byteOffset(MemoryLayout.PathElement.groupElement("hblkhd"));
    /** In use within arenas. */
    private static final long IN_USE = MALLINFO2.byteOffset(MemoryLayout.PathElement.groupElement("uordblks"));

    private static final Optional<MethodHandle> CALL = find();

    private NativeMemory() {}

    private static MemoryLayout field(String name) {
        return ValueLayout.JAVA_LONG.withName(name);
    }

    @SuppressWarnings("restricted")
    private static Optional<MethodHandle> find() {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find("mallinfo2")
                .map(address -> linker.downcallHandle(address, FunctionDescriptor.of(MALLINFO2)));
    }

    /** In bytes; empty where the C library does not tell. */
    static Optional<Long> bytes(TensorPool tensors) {
        return CALL.map(NativeMemory::allocated)
                .map(all -> all - buffers() - Math.max(0, PlatformDependent.usedDirectMemory()) - tensors.heldBytes());
    }

    private static long allocated(MethodHandle mallinfo2) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment told = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
            return told.get(ValueLayout.JAVA_LONG, MAPPED) + told.get(ValueLayout.JAVA_LONG, IN_USE);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mallinfo2 cannot be called", e);
        }
    }

    /** The JDK's own, such as those through which a channel writes an array. */
    private static long buffers() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
