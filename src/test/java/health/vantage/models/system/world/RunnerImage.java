package health.vantage.models.system.world;

import health.vantage.models.runner.install.Installation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** The packaged runner with its recorded classes and unpacked libraries, as its image has it; made once for each build. */
public final class RunnerImage {
    private RunnerImage() {}

    /** The launcher in it. */
    static Path launcher() {
        return launcherOf(installation());
    }

    private static Path launcherOf(Installation installed) {
        return installed.folder().resolve("runner");
    }

    /** Several processes may ask at the same time. */
    public static Installation installation() {
        Path jar = Project.built("runner/target/runner-app/runner.jar");
        Installation installed = new Installation(jar);
        try (FileChannel file = FileChannel.open(
                        jar.resolveSibling("prepare.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = file.lock()) {
            if (installed.javaOptions().isEmpty()
                    || installed.preflightOptions().isEmpty()) {
                new Shell(launcherOf(installed), Map.of("JAVA_HOME", System.getProperty("java.home")))
                        .run(List.of("prepare"), "");
            }
            return installed;
        } catch (IOException e) {
            throw new UncheckedIOException("the runner in " + jar.getParent() + " cannot be prepared", e);
        }
    }
}
