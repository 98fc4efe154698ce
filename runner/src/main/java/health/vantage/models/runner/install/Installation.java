package health.vantage.models.runner.install;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Optional;

/**
 * The folder that holds {@code runner.jar} and {@code lib/}.
 *
 * @param jar {@code runner.jar} itself
 */
public record Installation(Path jar) {
    private static final Optional<Installation> CURRENT = find();

    /** The one this process runs from; empty when it runs from classes, as in tests. */
    public static Optional<Installation> current() {
        return CURRENT;
    }

    private static Optional<Installation> find() {
        CodeSource source = Installation.class.getProtectionDomain().getCodeSource();
        return Optional.ofNullable(source)
                .map(CodeSource::getLocation)
                .map(Installation::path)
                .filter(Files::isRegularFile)
                .map(Installation::new);
    }

    private static Path path(URL location) {
        try {
            return Path.of(location.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the runner was loaded from " + location + ", which is no file", e);
        }
    }

    public Path folder() {
        return jar.getParent();
    }

    public NativeLibraries natives() {
        return new NativeLibraries(folder().resolve("natives"));
    }

    /** The classes of a start, parsed and linked already; only for the JVM that wrote it, which checks that itself. */
    public Path aotCache() {
        return folder().resolve("runner.aot");
    }

    /** What a JVM that runs this jar should be started with: the cache, where there is one. */
    public List<String> javaOptions() {
        // Off rather than auto in the log: a cache of another JVM is not used, and that is all there is to say.
        return Files.isRegularFile(aotCache()) ? List.of("-XX:AOTCache=" + aotCache(), "-Xlog:aot*=off") : List.of();
    }
}
