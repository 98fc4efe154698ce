package health.vantage.models.runner;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ServeCommandTest {
    /** A default that comes from the environment is an empty text where the variable is not set, which is no number. */
    @Test
    void everyOptionHasADefaultThatItsTypeTakes() {
        CommandLine.ParseResult parsed = new CommandLine(new ServeCommand()).parseArgs("--config", "models.yaml");

        assertThat(parsed.hasMatchedOption("--config")).isTrue();
    }
}
