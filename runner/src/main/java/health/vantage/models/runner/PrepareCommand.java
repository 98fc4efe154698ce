package health.vantage.models.runner;

import health.vantage.models.runner.install.AotTraining;
import health.vantage.models.runner.install.Installation;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What an image does at its end, and a workstation after it has unpacked a runner. */
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = {
            "Makes starts from this folder faster: unpacks the native libraries beside runner.jar, and keeps the classes of"
                    + " one start (a selfcheck) in runner.aot and of its preflight in preflight.aot, for this very JVM.",
            "",
            "Start it with the JVM options that serve will have. Once per folder and JVM, and again when the jars were replaced or the folder moved; what"
                    + " is stale is not used."
        })
final class PrepareCommand implements Callable<Integer> {
    private static final long MIB = 1024 * 1024;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Installation here = Installation.current()
                .orElseThrow(() -> new IllegalStateException(
                        "prepare works on the folder of a runner.jar, and this runner was started from classes"));
        if (!Files.isWritable(here.folder())) {
            throw new IllegalStateException("prepare writes into " + here.folder()
                    + ", which this user may not: run it as the owner of that folder");
        }
        PrintWriter out = spec.commandLine().getOut();
        here.forgetPrepared();
        List<String> unpacked = here.natives().unpack();
        here.markPrepared();
        out.println("prepare: unpacked " + unpacked + " into " + here.natives().folder());
        new AotTraining(here).run();
        for (Path cache : List.of(here.aotCache(), here.preflightCache())) {
            out.println("prepare: wrote " + cache + ", " + Files.size(cache) / MIB + " MiB");
        }
        out.flush();
        return 0;
    }
}
