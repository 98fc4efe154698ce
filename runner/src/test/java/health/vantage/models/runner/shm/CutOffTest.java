package health.vantage.models.runner.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.runner.samples.SharedFile;
import health.vantage.models.runner.serve.Refusal;
import health.vantage.models.runner.tensor.TensorBuffer;
import health.vantage.models.runner.tensor.TensorPool;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that makes its file smaller while a request uses it: SIGBUS, which must not end the process where it is copied. */
final class CutOffTest {
    private static final int SIZE = 1 << 20;

    private Path shared;
    private SharedFile file;

    @BeforeEach
    void create() throws Exception {
        assumeTrue(Files.isWritable(Path.of("/dev/shm")), "this machine has no /dev/shm to write to");
        shared = Files.createTempDirectory(Path.of("/dev/shm"), "vantage-test-");
        file = SharedFile.create(shared.resolve("scan"), SIZE);
    }

    @AfterEach
    void remove() throws Exception {
        if (file != null) {
            file.close();
            Files.delete(shared);
        }
    }

    @Test
    void copyingFromAndToItIsRefused() throws Exception {
        try (SharedRegions regions = SharedRegions.below(shared, true);
                TensorPool pool = new TensorPool(0)) {
            regions.register("scan", "scan", 0, SIZE);
            SharedSlice slice = regions.slice("scan", 0, SIZE);
            file.cutTo(0);

            assertThatExceptionOfType(Refusal.class)
                    .isThrownBy(() -> slice.take(pool))
                    .withMessageContaining("made smaller during the request");
            try (TensorBuffer output = pool.lend(SIZE)) {
                assertThatExceptionOfType(Refusal.class)
                        .isThrownBy(() -> slice.put("y", output))
                        .withMessageContaining("made smaller during the request");
            }
            slice.close();
            assertThat(pool.lentBytes()).isZero();
        }
    }

    @Test
    void aFileThatPromisesMoreThanThereIsCannotBeRegistered() throws Exception {
        // Between the look at its size and the mapping: as a full /dev/shm, its pages cannot be had.
        try (FileChannel open =
                FileChannel.open(shared.resolve("scan"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            SharedRegion region = SharedRegion.map("scan", "scan", 0, SIZE, open);
            file.cutTo(0);

            assertThatExceptionOfType(SharedMemoryException.class)
                    .isThrownBy(region::touch)
                    .withMessageContaining("has no room for its " + SIZE + " bytes");
            region.release();
        }
    }
}
