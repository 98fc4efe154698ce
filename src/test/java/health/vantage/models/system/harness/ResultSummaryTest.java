package health.vantage.models.system.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultSummaryTest {
    private static final String GOOD = "<testcase classname='a.GoodTest' name='works'/>";

    @TempDir
    Path folder;

    private record Result(int status, List<String> lines) {}

    @Test
    void countsOverModulesAndNamesWhatWasSkippedAndWhy() throws Exception {
        report("operator", "One", GOOD + GOOD);
        report("runner", "Two", GOOD + """
                <testcase classname='a.GpuTest' name='loads'>
                  <skipped message='Assumption failed: no GPU was found: set VANTAGE_GPU'/>
                </testcase>""");

        Result result = run();

        assertThat(result.status()).isZero();
        assertThat(result.lines())
                .containsExactly(
                        "skipped  a.GpuTest.loads: no GPU was found: set VANTAGE_GPU", "3 passed, 0 failed, 1 skipped");
    }

    @Test
    void failsWhenATestFailedOrBroke() throws Exception {
        report("operator", "One", GOOD + """
                <testcase classname='a.BadTest' name='fails'><failure message='expected 1'/></testcase>
                <testcase classname='a.BadTest' name='breaks'><error message='no file'/></testcase>""");

        Result result = run();

        assertThat(result.status()).isNotZero();
        assertThat(result.lines())
                .contains("failed   a.BadTest.fails: expected 1", "failed   a.BadTest.breaks: no file")
                .endsWith("1 passed, 2 failed, 0 skipped");
    }

    @Test
    void failsWhenNothingWasRun() throws Exception {
        Result result = run();

        assertThat(result.status()).isNotZero();
        assertThat(result.lines()).endsWith("0 passed, 0 failed, 0 skipped");
    }

    @Test
    void failsOnAReportThatWasCutOff() throws Exception {
        report("operator", "One", GOOD);
        Files.writeString(folder.resolve("operator/target/surefire-reports/TEST-Cut.xml"), "<testsuite><testcase");

        assertThat(run().status()).isNotZero();
    }

    @Test
    void leavesOutReportsOfAnEarlierRun() throws Exception {
        Path stale = report("operator", "Stale", GOOD);
        Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minusSeconds(3600)));
        report("operator", "Fresh", GOOD);
        Path stamp = Files.createFile(folder.resolve("stamp"));
        Files.setLastModifiedTime(stamp, FileTime.from(Instant.now().minusSeconds(60)));

        assertThat(run("--newer-than", stamp.toString()).lines()).endsWith("1 passed, 0 failed, 0 skipped");
    }

    private Path report(String module, String name, String tests) throws IOException {
        Path reports = Files.createDirectories(folder.resolve(module).resolve("target/surefire-reports"));
        return Files.writeString(reports.resolve("TEST-" + name + ".xml"), "<testsuite>" + tests + "</testsuite>");
    }

    private Result run(String... options) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("../../hack/test-summary"));
        command.addAll(List.of(options));
        command.add(folder.toString());
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), said.lines().toList());
    }
}
