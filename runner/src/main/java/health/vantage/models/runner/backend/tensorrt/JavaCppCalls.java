package health.vantage.models.runner.backend.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaFreeHost;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMallocHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreate;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;
import static org.bytedeco.tensorrt.global.nvinfer.createInferRuntime;
import static org.bytedeco.tensorrt.global.nvinfer.getInferLibVersion;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.bytedeco.tensorrt.nvinfer.IRuntime;

/**
 * The calls through JavaCPP. Loading this class links nothing; {@link #missing} does, and must come first: without a driver TensorRT
 * hands out a runtime that kills the process when it is used.
 */
final class JavaCppCalls implements TensorRtCalls {
    /**
     * Links the libraries and counts GPUs, in this order.
     *
     * @return why there is nothing to call; empty when there is
     */
    // Libraries that cannot be linked come as errors of many kinds.
    static Optional<String> missing() {
        try {
            Loader.load(org.bytedeco.tensorrt.global.nvinfer.class);
        } catch (Throwable e) {
            return Optional.of(
                    "TensorRT's libraries cannot be loaded (libnvinfer.so.10 and CUDA belong beside it): " + e);
        }
        try {
            Loader.load(org.bytedeco.cuda.global.cudart.class);
            int[] count = {0};
            int code = cudaGetDeviceCount(count);
            if (code != 0) {
                return Optional.of("cudaGetDeviceCount answers " + error(code));
            }
            return count[0] > 0 ? Optional.empty() : Optional.of("CUDA sees no GPU");
        } catch (Throwable e) {
            return Optional.of("the CUDA runtime cannot be called: " + e);
        }
    }

    /** Of the linked library, such as {@code 10.12.0}. */
    static String version() {
        // Since TensorRT 10: major * 10000 + minor * 100 + patch (NvInferVersion.h).
        int version = getInferLibVersion();
        return version / 10_000 + "." + version / 100 % 100 + "." + version % 100;
    }

    private static String error(int code) {
        BytePointer text = cudaGetErrorString(code);
        return "CUDA error " + code + (text == null ? "" : " (" + text.getString() + ")");
    }

    private static void check(int code, String call) throws NativeFailure {
        if (code != 0) {
            throw new NativeFailure(call + " answers " + error(code));
        }
    }

    private static void warn(int code, String call) {
        if (code != 0) {
            System.getLogger(JavaCppCalls.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} answers {1}", call, error(code));
        }
    }

    @Override
    public void useDevice(int device) throws NativeFailure {
        check(cudaSetDevice(device), "cudaSetDevice");
    }

    @Override
    public String architecture(int device) throws NativeFailure {
        int[] major = {0};
        int[] minor = {0};
        check(cudaDeviceGetAttribute(major, cudaDevAttrComputeCapabilityMajor, device), "cudaDeviceGetAttribute");
        check(cudaDeviceGetAttribute(minor, cudaDevAttrComputeCapabilityMinor, device), "cudaDeviceGetAttribute");
        return major[0] + "." + minor[0];
    }

    @Override
    public Runtime createRuntime() throws NativeFailure {
        TensorRtLog log = new TensorRtLog();
        IRuntime runtime = createInferRuntime(log);
        if (runtime == null || runtime.isNull()) {
            log.close();
            throw new NativeFailure("createInferRuntime gives nothing" + log.said());
        }
        return new NativeRuntime(runtime, log);
    }

    /** Holds the logger: the runtime has only its address, and a collected logger is a call into freed memory. */
    private record NativeRuntime(IRuntime runtime, TensorRtLog log) implements Runtime {
        @Override
        public Engine deserialize(Path plan) throws NativeFailure {
            try (FileChannel file = FileChannel.open(plan, StandardOpenOption.READ)) {
                // Engines of more than 2 GiB have no ByteBuffer: copied once instead, in pieces.
                try (BytePointer bytes = new BytePointer(file.size())) {
                    read(file, bytes);
                    ICudaEngine engine = runtime.deserializeCudaEngine(bytes, file.size());
                    if (engine == null || engine.isNull()) {
                        throw new NativeFailure("deserializeCudaEngine refuses it" + log.said());
                    }
                    return new NativeEngine(engine, log);
                }
            } catch (IOException e) {
                throw new NativeFailure("the plan cannot be read: " + e);
            }
        }

        private static void read(FileChannel file, BytePointer bytes) throws IOException {
            long size = file.size();
            for (long at = 0; at < size; ) {
                long piece = Math.min(1L << 30, size - at);
                bytes.position(at).limit(at + piece);
                bytes.asByteBuffer().put(file.map(MapMode.READ_ONLY, at, piece));
                at += piece;
            }
            bytes.position(0).limit(size);
        }

        @Override
        public void close() {
            runtime.deallocate();
            log.close();
        }
    }

    private record NativeEngine(ICudaEngine engine, TensorRtLog log) implements Engine {
        @Override
        public List<IoTensor> tensors() {
            List<IoTensor> all = new ArrayList<>();
            for (int i = 0; i < engine.getNbIOTensors(); i++) {
                String name = engine.getIOTensorName(i);
                boolean input = engine.getTensorIOMode(name).intern() == TensorIOMode.kINPUT;
                all.add(new IoTensor(
                        name,
                        input,
                        engine.getTensorDataType(name).intern().name(),
                        dims(engine.getTensorShape(name)),
                        input ? dims(engine.getProfileShape(name, 0, OptProfileSelector.kMIN)) : new long[0],
                        input ? dims(engine.getProfileShape(name, 0, OptProfileSelector.kMAX)) : new long[0],
                        engine.getTensorFormat(name).intern().name(),
                        engine.isShapeInferenceIO(name)));
            }
            return all;
        }

        @Override
        public Context createContext() throws NativeFailure {
            IExecutionContext context = engine.createExecutionContext();
            if (context == null || context.isNull()) {
                throw new NativeFailure("createExecutionContext gives nothing, most often for memory" + log.said());
            }
            return new NativeContext(context, log);
        }

        @Override
        public void close() {
            engine.deallocate();
        }
    }

    private static long[] dims(Dims64 dims) {
        long[] shape = new long[Math.max(0, dims.nbDims())];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dims.d(i);
        }
        return shape;
    }

    private record NativeContext(IExecutionContext context, TensorRtLog log) implements Context {
        @Override
        public void setInputShape(String name, long[] shape) throws NativeFailure {
            try (Dims64 dims = new Dims64()) {
                dims.nbDims(shape.length);
                for (int i = 0; i < shape.length; i++) {
                    dims.d(i, shape[i]);
                }
                check(context.setInputShape(name, dims), "setInputShape of " + name);
            }
        }

        @Override
        public long[] shape(String name) {
            return dims(context.getTensorShape(name));
        }

        @Override
        public void setAddress(String name, DeviceMemory memory) throws NativeFailure {
            check(
                    context.setTensorAddress(name, ((NativeDeviceMemory) memory).pointer()),
                    "setTensorAddress of " + name);
        }

        @Override
        public void enqueue(Stream stream) throws NativeFailure {
            check(context.enqueueV3(((NativeStream) stream).stream()), "enqueueV3");
        }

        private void check(boolean done, String call) throws NativeFailure {
            if (!done) {
                throw new NativeFailure(call + " is refused" + log.said());
            }
        }

        @Override
        public void close() {
            context.deallocate();
        }
    }

    @Override
    public Stream createStream() throws NativeFailure {
        CUstream_st stream = new CUstream_st();
        check(cudaStreamCreate(stream), "cudaStreamCreate");
        return new NativeStream(stream);
    }

    private record NativeStream(CUstream_st stream) implements Stream {
        @Override
        public void upload(HostMemory from, DeviceMemory to, long bytes) throws NativeFailure {
            Pointer host = ((NativeHostMemory) from).pointer();
            Pointer device = ((NativeDeviceMemory) to).pointer();
            check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync to the GPU");
        }

        @Override
        public void download(DeviceMemory from, HostMemory to, long bytes) throws NativeFailure {
            Pointer device = ((NativeDeviceMemory) from).pointer();
            Pointer host = ((NativeHostMemory) to).pointer();
            check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync from the GPU");
        }

        @Override
        public void synchronize() throws NativeFailure {
            JavaCppCalls.check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
        }

        @Override
        public void close() {
            warn(cudaStreamDestroy(stream), "cudaStreamDestroy");
        }
    }

    @Override
    public DeviceMemory device(long bytes) throws NativeFailure {
        BytePointer pointer = new BytePointer((Pointer) null);
        check(cudaMalloc(pointer, Math.max(1, bytes)), "cudaMalloc of " + bytes + " bytes");
        return new NativeDeviceMemory(pointer, bytes);
    }

    private record NativeDeviceMemory(BytePointer pointer, long bytes) implements DeviceMemory {
        @Override
        public void close() {
            warn(cudaFree(pointer), "cudaFree");
        }
    }

    @Override
    public HostMemory host(long bytes) throws NativeFailure {
        BytePointer pointer = new BytePointer((Pointer) null);
        check(cudaMallocHost(pointer, Math.max(1, bytes)), "cudaMallocHost of " + bytes + " bytes");
        return new NativeHostMemory(pointer, bytes);
    }

    private record NativeHostMemory(BytePointer pointer, long bytes) implements HostMemory {
        @Override
        public ByteBuffer buffer() {
            return pointer.position(0).capacity(bytes).asByteBuffer();
        }

        @Override
        public void close() {
            warn(cudaFreeHost(pointer), "cudaFreeHost");
        }
    }
}
