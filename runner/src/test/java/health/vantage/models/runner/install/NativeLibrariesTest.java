package health.vantage.models.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void unpacksOnnxRuntimeAndZstdAsTheyLieInTheirJars() throws IOException {
        NativeLibraries natives = new NativeLibraries(folder);

        List<String> unpacked = natives.unpack();

        assertThat(unpacked)
                .contains("libonnxruntime.so", "libonnxruntime4j_jni.so")
                .anyMatch(name -> name.startsWith("libzstd-jni"));
        assertThat(unpacked).allSatisfy(name -> assertThat(folder.resolve(name)).isNotEmptyFile());
        assertThat(natives.isCurrent()).isTrue();
    }

    @Test
    void librariesOfAnotherVersionThanTheJarsAreNotUsed() throws IOException {
        NativeLibraries natives = new NativeLibraries(folder);
        natives.unpack();
        Path sources = folder.resolve("sources");
        List<String> others =
                Files.readAllLines(sources).stream().map(line -> "1" + line).toList();

        Files.write(sources, others);

        assertThat(natives.isCurrent()).isFalse();
    }

    @Test
    void anUnpackingThatWasCutOffIsNotUsed() throws IOException {
        NativeLibraries natives = new NativeLibraries(folder);
        natives.unpack();

        Files.delete(folder.resolve("sources"));

        assertThat(natives.isCurrent()).isFalse();
    }
}
