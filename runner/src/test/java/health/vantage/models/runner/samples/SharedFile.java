package health.vantage.models.runner.samples;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A client's side of shared memory: a file that it maps, as Triton's clients do. */
public final class SharedFile implements AutoCloseable {
    private final Path path;
    private final FileChannel file;
    private final MappedByteBuffer memory;

    private SharedFile(Path path, FileChannel file, int size) throws IOException {
        this.path = path;
        this.file = file;
        this.memory = file.map(MapMode.READ_WRITE, 0, size);
        memory.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A new file of {@code size} bytes. */
    public static SharedFile create(Path path, int size) throws IOException {
        return new SharedFile(
                path,
                FileChannel.open(
                        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                size);
    }

    public void put(int offset, ByteBuffer bytes) {
        memory.put(offset, bytes, bytes.position(), bytes.remaining());
    }

    public float[] floats(int offset, int count) {
        return Floats.of(memory.slice(offset, count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN));
    }

    /** As ftruncate: whoever touches what was there gets SIGBUS. */
    public void cutTo(long size) throws IOException {
        file.truncate(size);
    }

    @Override
    public void close() throws IOException {
        file.close();
        Files.deleteIfExists(path);
    }
}
