package health.vantage.models.runner.install;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The folder that holds {@code runner.jar} and {@code lib/}.
 *
 * @param jar {@code runner.jar} itself
 */
public record Installation(Path jar) {
    /** Names the file that the next preflight records {@link #preflightCache()} into; for {@link AotTraining} alone. */
    static final String RECORD_PREFLIGHT = "vantage.preflight.record";

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
        return new NativeLibraries(folder().resolve("natives").resolve(System.getProperty("os.arch")));
    }

    /** Has native libraries loaded from here, where they were unpacked from the jars as they are. */
    public void useNatives() {
        if (isPrepared()) {
            natives().use();
        }
    }

    /**
     * Whether what was prepared came from the jars that are here now, and in this place. The JVM itself does not look (25.0.3): it runs
     * what it recorded, which takes the old place for its own.
     */
    public boolean isPrepared() {
        try {
            return Files.exists(preparedFor())
                    && Files.readString(preparedFor()).equals(jars());
        } catch (IOException | UncheckedIOException e) {
            // Unreadable: it starts as one that was never prepared.
            return false;
        }
    }

    /** From here on nothing prepared is used. */
    public void forgetPrepared() throws IOException {
        for (Path made : List.of(preparedFor(), aotCache(), preflightCache())) {
            Files.deleteIfExists(made);
        }
    }

    /** The caches may follow later, each complete at once. */
    public void markPrepared() throws IOException {
        Files.writeString(preparedFor(), jars());
    }

    /** The launcher reads it too, and compares it with what {@code stat} says. */
    private Path preparedFor() {
        return folder().resolve("prepared-for");
    }

    /** The folder; then name, size and time of each jar: seconds, since layers of images keep no more. */
    private String jars() throws IOException {
        StringBuilder all = new StringBuilder();
        all.append(jar.toRealPath().getParent()).append("\n").append(line("", jar));
        try (Stream<Path> lib = Files.list(folder().resolve("lib"))) {
            for (Path one : lib.filter(file -> file.toString().endsWith(".jar"))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList()) {
                all.append(line("lib/", one));
            }
        }
        return all.toString();
    }

    private static String line(String folder, Path jar) throws IOException {
        return folder + jar.getFileName() + " " + Files.size(jar) + " "
                + Files.getLastModifiedTime(jar).to(TimeUnit.SECONDS) + "\n";
    }

    /** The classes of a start, parsed and linked already; only for the JVM that wrote it, which checks that itself, and these jars. */
    public Path aotCache() {
        return folder().resolve("runner.aot");
    }

    /** Those that trying a model takes, a fifth of a start's: a JVM links every class of its cache before it begins. */
    public Path preflightCache() {
        return folder().resolve("preflight.aot");
    }

    /** What a JVM that runs this jar should be started with: the cache, where there is one. */
    public List<String> javaOptions() {
        return used(aotCache());
    }

    /** The same for one that tries a model. */
    public List<String> preflightOptions() {
        String recorded = System.getProperty(RECORD_PREFLIGHT);
        return recorded == null ? used(preflightCache()) : record(Path.of(recorded));
    }

    /** Has the next JVM write a cache when it ends. */
    static List<String> record(Path cache) {
        // Hundreds of classes that cannot be kept, each with a warning.
        return List.of("-XX:AOTCacheOutput=" + cache, "-Xlog:aot*=error");
    }

    private List<String> used(Path cache) {
        // Off rather than auto in the log: a cache of another JVM is not used, and that is all there is to say.
        return Files.isRegularFile(cache) && isPrepared()
                ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off")
                : List.of();
    }
}
