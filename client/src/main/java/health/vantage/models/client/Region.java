package health.vantage.models.client;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that this process and a runner have mapped. It stays mapped as long as anything here refers to it; its name goes as soon as the
 * runner has it, so that a process that dies leaves nothing behind.
 */
final class Region {
    private static final int CHUNK = 1 << 20;

    private final Path file;
    private final MemorySegment memory;

    private Region(Path file, MemorySegment memory) {
        this.file = file;
        this.memory = memory;
    }

    /** @throws IOException also when the file system has no room for it: touching a page that is not there would end the process */
    static Region create(Path folder, long size) throws IOException {
        String name = "client-" + ProcessHandle.current().pid() + "-"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        Path file = folder.resolve(name);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
            fill(channel, size);
            return new Region(file, channel.map(MapMode.READ_WRITE, 0, size, Arena.ofAuto()));
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void fill(FileChannel channel, long size) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
        for (long done = 0; done < size; ) {
            done += channel.write(zeros.clear().limit((int) Math.min(CHUNK, size - done)));
        }
    }

    /** Takes the name away; the memory stays. */
    void unlink() throws IOException {
        Files.deleteIfExists(file);
    }

    /** Of the file, and of the region on the runner. */
    String name() {
        return file.getFileName().toString();
    }

    long size() {
        return memory.byteSize();
    }

    MemorySegment memory() {
        return memory;
    }
}
