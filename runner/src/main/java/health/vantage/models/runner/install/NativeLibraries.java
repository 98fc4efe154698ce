package health.vantage.models.runner.install;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The native libraries of our dependencies as plain files. Each of them unpacks its own from its jar into {@code /tmp} at every start
 * otherwise: 28 MB with ONNX Runtime.
 *
 * @param folder holds them
 */
public record NativeLibraries(Path folder) {
    private static final String ONNX = "onnxruntime.native.path";
    private static final String ZSTD = "ZstdNativePath";

    /** Where libraries lie on the class path of this platform. Netty's stays there: it is small, and loaded by another it crashes. */
    private static List<String> anchors() {
        boolean arm = System.getProperty("os.arch").equals("aarch64");
        return List.of(
                "ai/onnxruntime/native/linux-" + (arm ? "aarch64" : "x64") + "/",
                "linux/" + (arm ? "aarch64" : "amd64") + "/");
    }

    /**
     * Copies them from the class path, in place of those that are there.
     *
     * @return the files' names
     */
    public List<String> unpack() throws IOException {
        Files.createDirectories(folder);
        List<String> unpacked = new ArrayList<>();
        for (String anchor : anchors()) {
            URL found = NativeLibraries.class.getClassLoader().getResource(anchor);
            if (found == null || !(found.openConnection() instanceof JarURLConnection jar)) {
                continue;
            }
            List<String> entries = jar.getJarFile().stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(anchor) && name.endsWith(".so"))
                    .toList();
            for (String entry : entries) {
                unpacked.add(copy(entry));
            }
        }
        return unpacked;
    }

    private String copy(String entry) throws IOException {
        String name = entry.substring(entry.lastIndexOf('/') + 1);
        URLConnection connection =
                NativeLibraries.class.getClassLoader().getResource(entry).openConnection();
        try (InputStream in = connection.getInputStream()) {
            Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        return name;
    }

    /** Tells those who would unpack to load from here, unless somebody has set another place. */
    void use() {
        setUnlessGiven(ONNX, "libonnxruntime4j_jni.so", folder.toString());
        find("libzstd-jni")
                .ifPresent(file -> setUnlessGiven(ZSTD, file.getFileName().toString(), file.toString()));
    }

    private void setUnlessGiven(String property, String needed, String value) {
        if (System.getProperty(property) == null && Files.exists(folder.resolve(needed))) {
            System.setProperty(property, value);
        }
    }

    private Optional<Path> find(String prefix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .map(Path::toAbsolutePath)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
