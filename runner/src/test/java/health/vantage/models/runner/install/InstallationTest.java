package health.vantage.models.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was prepared from other jars than those that are here would run their code: it must not be used. */
final class InstallationTest {
    private static final FileTime RELEASED = FileTime.fromMillis(1_800_000_000_123L);

    @TempDir
    Path folder;

    private Installation installation;
    private Path library;

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(folder.resolve("app/lib"));
        installation = new Installation(jar("runner.jar", "the runner"));
        library = jar("lib/one.jar", "a library");
        Files.writeString(installation.aotCache(), "classes of a start");
        Files.writeString(installation.preflightCache(), "classes of a trial");
        installation.markPrepared();
    }

    @Test
    void cachesOfTheseJarsAreUsed() {
        assertThat(installation.isPrepared()).isTrue();
        assertThat(installation.javaOptions()).contains("-XX:AOTCache=" + installation.aotCache());
        assertThat(installation.preflightOptions()).contains("-XX:AOTCache=" + installation.preflightCache());
    }

    @Test
    void timesAreComparedAsAnImageKeepsThem() throws IOException {
        Files.setLastModifiedTime(library, FileTime.fromMillis(1_800_000_000_000L));

        assertThat(installation.isPrepared()).isTrue();
    }

    @Test
    void anOlderJarOfTheSameSizeIsAnother() throws IOException {
        Files.setLastModifiedTime(installation.jar(), FileTime.fromMillis(1_700_000_000_000L));

        assertNothingIsUsed();
    }

    @Test
    void anotherVersionOfALibraryIsSeen() throws IOException {
        Files.delete(library);
        jar("lib/two.jar", "a library");

        assertNothingIsUsed();
    }

    @Test
    void aFolderThatWasMovedIsNotPrepared() throws IOException {
        Path moved = Files.move(folder.resolve("app"), folder.resolve("moved"));
        installation = new Installation(moved.resolve("runner.jar"));

        assertNothingIsUsed();
    }

    @Test
    void anInstallationWithoutLibrariesIsNoneThatWasPrepared() throws IOException {
        Files.delete(library);
        Files.delete(library.getParent());

        assertNothingIsUsed();
    }

    @Test
    void whatWasForgottenIsGone() throws IOException {
        installation.forgetPrepared();

        assertNothingIsUsed();
        installation.markPrepared();
        assertThat(installation.javaOptions()).isEmpty();
        assertThat(installation.preflightOptions()).isEmpty();
    }

    private void assertNothingIsUsed() {
        assertThat(installation.isPrepared()).isFalse();
        assertThat(installation.javaOptions()).isEmpty();
        assertThat(installation.preflightOptions()).isEmpty();
    }

    private Path jar(String name, String content) throws IOException {
        Path jar = Files.writeString(folder.resolve("app").resolve(name), content);
        Files.setLastModifiedTime(jar, RELEASED);
        return jar;
    }
}
