package health.vantage.models.runner.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeLibrariesTest {
    @TempDir
    Path folder;

    @Test
    void unpacksOnnxRuntimeAndZstdAsTheyLieInTheirJars() throws IOException {
        List<String> unpacked = new NativeLibraries(folder).unpack();

        assertThat(unpacked)
                .contains("libonnxruntime.so", "libonnxruntime4j_jni.so")
                .anyMatch(name -> name.startsWith("libzstd-jni"));
        assertThat(unpacked).allSatisfy(name -> assertThat(folder.resolve(name)).isNotEmptyFile());
    }
}
