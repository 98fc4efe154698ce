package health.vantage.models.artifact.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import health.vantage.models.artifact.testing.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockFileTest {
    private static final int BLOCK = DiskWriter.BLOCK;

    @TempDir
    Path folder;

    private final DiskWriter writer = new DiskWriter(2);

    @AfterEach
    void stop() {
        writer.close();
    }

    private void append(Path path, byte[] bytes, int chunk) throws IOException {
        try (var file = new BlockFile(path, writer)) {
            for (int from = 0; from < bytes.length; from += chunk) {
                file.append(bytes, from, Math.min(chunk, bytes.length - from));
            }
        }
    }

    @Test
    void theFileHoldsWhatWasThereAndWhatWasAppended() throws IOException {
        for (int before : new int[] {0, 1, 4096, 777_777, BLOCK}) {
            for (int length : new int[] {0, 1, BLOCK - 1, BLOCK, 5 * BLOCK + 4096, 5 * BLOCK + 123}) {
                Path path = folder.resolve(before + "-" + length);
                byte[] old = Models.noise(1, before);
                byte[] added = Models.noise(2, length);
                Files.write(path, old);
                append(path, added, 131_072 - 7);
                var whole = new ByteArrayOutputStream();
                whole.writeBytes(old);
                whole.writeBytes(added);
                assertThat(path).hasBinaryContent(whole.toByteArray());
            }
        }
    }

    @Test
    void aFileSystemThatCannotWritePastTheCacheIsWrittenThroughIt() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory), "a tmpfs is missing: /dev/shm is not writable here");
        Path path = Files.createTempFile(memory, "block-file", "");
        try {
            byte[] bytes = Models.noise(3, 3 * BLOCK + 5);
            append(path, bytes, 100_000);
            assertThat(path).hasBinaryContent(bytes);
        } finally {
            Files.delete(path);
        }
    }

    @Test
    void whatComesSlowlyIsOnTheDiskBeforeItFillsABlock() throws IOException {
        Path path = folder.resolve("slow");
        byte[] bytes = Models.noise(4, 2 * BLOCK);
        try (var file = new BlockFile(path, writer)) {
            file.append(bytes, 0, 50_000);
            await().atMost(Duration.ofSeconds(10)).until(() -> Files.size(path) == 50_000);
            file.append(bytes, 50_000, 70_000);
            await().atMost(Duration.ofSeconds(10)).until(() -> Files.size(path) == 120_000);
            // The rest of a block of which a part is there, and one more.
            file.append(bytes, 120_000, bytes.length - 120_000);
        }
        assertThat(path).hasBinaryContent(bytes);
    }

    @Test
    void atEveryMomentTheDiskHoldsABeginningWithoutHoles() throws Exception {
        Path path = folder.resolve("growing");
        byte[] bytes = new byte[12 * BLOCK + 99];
        new Random(5).nextBytes(bytes);
        var done = new CountDownLatch(1);
        var problem = new AtomicReference<String>();
        Thread watcher = Thread.ofPlatform().start(() -> {
            while (done.getCount() > 0) {
                try {
                    byte[] seen = Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
                    if (!Arrays.equals(seen, 0, seen.length, bytes, 0, seen.length)) {
                        problem.set("a part of " + seen.length + " bytes is not the beginning");
                    }
                } catch (IOException e) {
                    problem.set(e.toString());
                }
            }
        });
        append(path, bytes, 65_536);
        done.countDown();
        watcher.join();
        assertThat(problem.get()).isNull();
        assertThat(path).hasBinaryContent(bytes);
    }

    @Test
    void aWriteThatFailsIsToldToWhoeverAppendsAndTheBlocksAreFreeAgain() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "a full device is missing: /dev/full is not writable here");
        byte[] bytes = new byte[20 * BLOCK];
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> append(full, bytes, 200_000))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No space left on device");
        }
        append(folder.resolve("after"), bytes, 200_000);
        assertThat(folder.resolve("after")).hasSize(bytes.length);
    }
}
