package health.vantage.models.runner.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import health.vantage.models.runner.samples.SharedFile;
import health.vantage.models.runner.serve.ByteBudget;
import health.vantage.models.runner.serve.Caller;
import health.vantage.models.runner.serve.Refusal;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that showed who they are do not see each other's memory. */
final class OwnRegionsTest {
    @TempDir
    Path folder;

    private record Known(String name) implements Caller {
        @Override
        public Optional<String> identity() {
            return Optional.of("token " + name);
        }

        @Override
        public void request() {}

        @Override
        public ByteBudget.Share take(long bytes) {
            return () -> {};
        }
    }

    @Test
    void aRegionIsThereForWhoeverRegisteredItOnly() throws Exception {
        try (SharedFile _ = SharedFile.create(folder.resolve("scan"), 64);
                SharedRegions regions = SharedRegions.below(folder, false)) {
            as("mri", () -> regions.register("scan", "scan", 0, 64));
            as("ct", () -> {
                assertThat(regions.statuses()).isEmpty();
                assertThat(regions.status("scan")).isEmpty();
                assertThatExceptionOfType(Refusal.class)
                        .isThrownBy(() -> regions.slice("scan", 0, 64))
                        .withMessageContaining("no shared memory region \"scan\"");
                // A name is nobody's for all.
                regions.register("scan", "scan", 0, 32);
                regions.unregisterAll();
            });
            regions.unregister("scan");

            as("mri", () -> {
                assertThat(regions.statuses())
                        .extracting(SharedRegions.Status::size)
                        .containsExactly(64L);
                regions.slice("scan", 0, 64).close();
            });
            assertThat(regions.statuses()).as("of those without a name").isEmpty();
        }
    }

    @Test
    void aCallThatIsPartOfATraceIsStillItsClients() throws Exception {
        try (SharedFile _ = SharedFile.create(folder.resolve("scan"), 64);
                SharedRegions regions = SharedRegions.below(folder, false)) {
            as("mri", () -> regions.register("scan", "scan", 0, 64));
            Caller traced =
                    new Known("mri").with(Optional.of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

            ScopedValue.where(Caller.CURRENT, traced)
                    .run(() -> regions.slice("scan", 0, 64).close());
        }
    }

    private interface Action {
        void run() throws SharedMemoryException;
    }

    private static void as(String client, Action action) throws SharedMemoryException {
        ScopedValue.where(Caller.CURRENT, new Known(client)).call(() -> {
            action.run();
            return null;
        });
    }
}
