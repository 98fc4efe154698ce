package health.vantage.models.runner.load;

import static org.assertj.core.api.Assertions.assertThat;

import health.vantage.models.runner.RunnerUnderTest;
import health.vantage.models.runner.model.ServedVersion;
import health.vantage.models.runner.onnx.OnnxModels;
import health.vantage.models.runner.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose memory it is that a process takes; the readings are made up here, {@code ServingMemoryTest} has real ones. */
final class MemoryWatchTest {
    private static final Shape ONE = Shape.of(1);

    @TempDir
    Path folder;

    private final List<ServedVersion> loaded = new ArrayList<>();
    private RunnerUnderTest runner;
    private Optional<Long> reading = Optional.of(500L);
    private long loads;
    private final MemoryWatch watch = new MemoryWatch(() -> List.copyOf(loaded), () -> loads, () -> reading);

    @BeforeEach
    void start() throws Exception {
        runner = new RunnerUnderTest(folder);
    }

    @AfterEach
    void stop() {
        loaded.forEach(ServedVersion::release);
        runner.close();
    }

    /** Measured with 40 MiB when it was loaded, of 64 declared. */
    private ServedVersion load(float factor) throws Exception {
        ServedVersion version = runner.load("1." + factor, OnnxModels.scale(factor, 1), ONE, ONE);
        version.measured(40);
        loaded.add(version);
        return version;
    }

    private static void run(ServedVersion version, int times) {
        for (int i = 0; i < times; i++) {
            version.counters().answered(Duration.ofMillis(1));
        }
    }

    private void look(long processMiB) {
        reading = Optional.of(processMiB);
        watch.look();
    }

    private static long measured(ServedVersion version) {
        return version.memory().measuredMiB().orElseThrow();
    }

    @Test
    void aLeakAddsUp() throws Exception {
        ServedVersion leaky = load(1);
        look(500);
        for (int i = 1; i <= 10; i++) {
            run(leaky, 100);
            look(500 + i * 10L);
        }

        assertThat(measured(leaky)).isEqualTo(140);
        assertThat(leaky.memory().excess()).isPresent();
    }

    @Test
    void growthGoesToThoseThatRan() throws Exception {
        ServedVersion leaky = load(1);
        ServedVersion idle = load(2);
        look(500);
        run(leaky, 10);
        look(600);

        assertThat(measured(leaky)).isEqualTo(140);
        assertThat(measured(idle)).isEqualTo(40);
    }

    @Test
    void aLittleIsNobodysAndSoIsWhatComesWhileNobodyRuns() throws Exception {
        ServedVersion version = load(1);
        look(500);
        run(version, 10);
        look(515);
        assertThat(measured(version)).isEqualTo(40);

        look(900);
        assertThat(measured(version)).isEqualTo(40);
    }

    @Test
    void whatIsGivenBackIsNoLongerTheirs() throws Exception {
        ServedVersion version = load(1);
        look(500);
        run(version, 10);
        look(700);
        assertThat(version.memory().excess()).isPresent();

        look(500);

        assertThat(measured(version)).isEqualTo(40);
        assertThat(version.memory().excess()).isEmpty();
    }

    @Test
    void aLoadInBetweenIsNotTheOthersGrowth() throws Exception {
        ServedVersion first = load(1);
        look(500);
        run(first, 10);
        loads++;
        look(800);
        run(first, 10);
        ServedVersion second = load(2);
        loads++;
        look(1500);

        assertThat(measured(first)).isEqualTo(40);
        assertThat(measured(second)).isEqualTo(40);
    }

    @Test
    void whatOneHadGrownStaysWithItWhenAnotherComes() throws Exception {
        ServedVersion first = load(1);
        look(500);
        run(first, 10);
        look(600);
        load(2);
        look(900);

        assertThat(measured(first)).isEqualTo(140);
    }

    @Test
    void whereNothingCanBeReadNothingIsSaid() throws Exception {
        ServedVersion version = load(1);
        reading = Optional.empty();
        watch.look();

        assertThat(measured(version)).isEqualTo(40);
    }
}
