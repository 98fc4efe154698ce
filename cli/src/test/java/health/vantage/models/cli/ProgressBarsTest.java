package health.vantage.models.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a terminal gets to see, on a clock that the test moves. */
class ProgressBarsTest {
    private static final long MIB = 1 << 20;

    private final StringWriter terminal = new StringWriter();
    private long now = 5;
    private final ProgressBars bars = new ProgressBars(new PrintWriter(terminal), () -> now);

    private void after(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private String drawn() {
        String text = terminal.toString();
        terminal.getBuffer().setLength(0);
        return text;
    }

    @Test
    void whatIsDoneWithinASecondIsNotShown() {
        bars.progress("models/a.onnx", 0, 10 * MIB);
        after(999);
        bars.progress("models/a.onnx", 10 * MIB, 10 * MIB);
        bars.close();
        assertThat(drawn()).isEmpty();
    }

    @Test
    void eachMovingFileHasABarAndAllTogetherHaveOne() {
        bars.progress("models/a.onnx", 0, 10 * MIB);
        bars.progress("models/b.onnx", 0, 30 * MIB);
        bars.progress("models/c.onnx", 0, 40 * MIB);
        bars.progress("models/a.onnx", 10 * MIB, 10 * MIB);
        after(1000);
        bars.progress("models/b.onnx", 10 * MIB, 30 * MIB);
        assertThat(drawn().lines())
                .containsExactly(
                        "models/b.onnx                  [=======             ]  33 % 30.0 MiB",
                        "total                          [=====               ]  25 % 80.0 MiB");
        after(1000);
        bars.progress("models/b.onnx", 20 * MIB, 30 * MIB);
        // Over the two lines before; ten MiB in the second since the first drawing.
        assertThat(drawn())
                .startsWith("\u001b[2A\r\u001b[J")
                .contains("[=============       ]  66 % 30.0 MiB")
                .contains("37 % 80.0 MiB, 10.0 MiB/s, 5 s left");
        after(100);
        bars.progress("models/b.onnx", 21 * MIB, 30 * MIB);
        assertThat(drawn()).as("not more than five times a second").isEmpty();
        bars.close();
        assertThat(drawn()).as("nothing is left on the screen").isEqualTo("\u001b[2A\r\u001b[J");
        after(5000);
        bars.progress("models/b.onnx", 22 * MIB, 30 * MIB);
        assertThat(drawn()).isEmpty();
    }

    @Test
    void linesFitOnATerminalWhateverFilesAreCalled() {
        after(1000);
        for (int i = 0; i < 9; i++) {
            bars.progress("models/" + "deep/".repeat(30) + "model.onnx " + i, 1, 3L << 40);
            after(1000);
        }
        assertThat(drawn().lines().map(line -> line.replaceAll("\u001b\\[[0-9]*[AJ]|\r", "")))
                .allSatisfy(line -> assertThat(line.length()).isLessThan(100))
                .anySatisfy(line -> assertThat(line).startsWith("...").contains("model.onnx 0 ["));
    }
}
