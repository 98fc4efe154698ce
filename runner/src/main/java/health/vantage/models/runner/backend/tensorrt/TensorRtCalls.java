package health.vantage.models.runner.backend.tensorrt;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The native calls that serving an engine needs, and no more. Every object is closed exactly once, on the thread that made it. A call that
 * the native side refuses throws {@link NativeFailure}.
 */
interface TensorRtCalls {
    /** {@code cudaSetDevice}: for the calling thread. */
    void useDevice(int device) throws NativeFailure;

    /** The GPU's compute capability, such as {@code 8.6}. */
    String architecture(int device) throws NativeFailure;

    /** {@code createInferRuntime}, with a logger that lives as long as the runtime. */
    Runtime createRuntime() throws NativeFailure;

    /** {@code cudaStreamCreate}. */
    Stream createStream() throws NativeFailure;

    /** {@code cudaMalloc}. */
    DeviceMemory device(long bytes) throws NativeFailure;

    /** {@code cudaMallocHost}: pinned, so that copies run beside the CPU. */
    HostMemory host(long bytes) throws NativeFailure;

    /** Something native that must be given back. */
    interface Owned extends AutoCloseable {
        @Override
        void close();
    }

    interface Runtime extends Owned {
        /**
         * {@code deserializeCudaEngine}. Host code in engines stays forbidden: {@code setEngineHostCodeAllowed} is never called, since it would
         * run code that came with a model.
         *
         * @throws NativeFailure with what TensorRT's logger said
         */
        Engine deserialize(Path plan) throws NativeFailure;
    }

    interface Engine extends Owned {
        List<IoTensor> tensors();

        /** {@code createExecutionContext}. */
        Context createContext() throws NativeFailure;
    }

    /**
     * One input or output of an engine.
     *
     * @param type TensorRT's word, such as {@code kFLOAT}
     * @param least the smallest shape of an input in the first optimization profile; as {@code most}, empty for outputs
     * @param format its layout; only {@code kLINEAR} is row-major
     * @param shapeTensor whether its values, read on the host, decide shapes
     */
    record IoTensor(
            String name,
            boolean input,
            String type,
            long[] shape,
            long[] least,
            long[] most,
            String format,
            boolean shapeTensor) {}

    interface Context extends Owned {
        void setInputShape(String name, long[] shape) throws NativeFailure;

        /** After all input shapes are set; negative where it depends on values. */
        long[] shape(String name) throws NativeFailure;

        void setAddress(String name, DeviceMemory memory) throws NativeFailure;

        /** {@code enqueueV3}: returns before the work is done. */
        void enqueue(Stream stream) throws NativeFailure;
    }

    interface Stream extends Owned {
        /** {@code cudaMemcpyAsync}, host to device. */
        void upload(HostMemory from, DeviceMemory to, long bytes) throws NativeFailure;

        /** {@code cudaMemcpyAsync}, device to host. */
        void download(DeviceMemory from, HostMemory to, long bytes) throws NativeFailure;

        /** Waits for everything enqueued; errors of earlier work come here. */
        void synchronize() throws NativeFailure;
    }

    interface DeviceMemory extends Owned {
        long bytes();
    }

    interface HostMemory extends Owned {
        /** All of it; valid until closed. */
        ByteBuffer buffer();
    }

    /** The native side said no; the message says which call, and what it answered. */
    final class NativeFailure extends Exception {
        NativeFailure(String message) {
            super(message);
        }
    }
}
