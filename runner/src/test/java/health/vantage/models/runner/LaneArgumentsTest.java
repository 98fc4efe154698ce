package health.vantage.models.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import health.vantage.models.api.Verification;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.runner.serve.Batching;
import health.vantage.models.runner.serve.LaneLimits;
import health.vantage.models.runner.serve.QueueLimits;
import health.vantage.models.runner.workstation.LaneWish;
import health.vantage.models.runner.workstation.ModelWish;
import health.vantage.models.runner.workstation.WorkstationConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class LaneArgumentsTest {
    @Test
    void withoutOptionsEveryModelRunsOneRequestAtATime() {
        assertThat(read().of("any")).isEqualTo(new QueueLimits(64, 1));
    }

    @Test
    void aValueIsForAllModelsOrForTheOneNamed() {
        LaneLimits limits = read("--instances=2,det=4", "--batch=minilm=32:2ms:8+16", "--batch=cls=8:500us");

        assertThat(limits.of("det")).isEqualTo(new QueueLimits(64, 4));
        assertThat(limits.of("other")).isEqualTo(new QueueLimits(64, 2));
        assertThat(limits.of("minilm"))
                .isEqualTo(new QueueLimits(64, 2, Optional.of(new Batching(32, List.of(8, 16), Duration.ofMillis(2)))));
        assertThat(limits.of("cls").batching()).contains(new Batching(8, List.of(), Duration.ofNanos(500_000)));
    }

    @Test
    void theWorkstationsFileWinsForItsModels() {
        Batching batching = new Batching(4, List.of(), Duration.ZERO);
        ModelWish wish = new ModelWish(
                "det",
                "r.io/det",
                new Selector.VersionRange("1.x"),
                "cpu",
                Duration.ZERO,
                0,
                true,
                new LaneWish(Optional.of(3), Optional.of(batching)));

        LaneLimits limits = parsed("--instances=2").limits(64, Optional.of(file(wish)));

        assertThat(limits.of("det")).isEqualTo(new QueueLimits(64, 3, Optional.of(batching)));
        assertThat(limits.of("other").parallel()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--instances=many       | \"many\" is no number",
                "--instances=det=0      | of det: queue limits must be at least 1",
                "--instances=1,2        | two values for all models",
                "--batch=1              | a batch holds 2 to 4096 rows, not 1",
                "--batch=8:2            | \"8:2\" is no batching; write 16, 16:2ms",
                "--batch=8:1ms:9        | preferred batch sizes lie between 1 and the largest, 8",
                "--batch=8:99999ms      | waits 0 to 10 s for others",
            })
    void aMistakeNamesTheOption(String option, String complaint) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> read(option))
                .withMessageContaining(option.substring(0, option.indexOf('=')))
                .withMessageContaining(complaint);
    }

    private static WorkstationConfig file(ModelWish wish) {
        return new WorkstationConfig(Verification.NONE, Optional.empty(), Duration.ofMinutes(5), List.of(wish));
    }

    private static LaneLimits read(String... options) {
        return parsed(options).limits(64, Optional.empty());
    }

    private static LaneArguments parsed(String... options) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(options);
        return holder.lanes;
    }

    @CommandLine.Command
    private static final class Holder {
        @CommandLine.Mixin
        private LaneArguments lanes;
    }
}
