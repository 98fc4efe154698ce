package health.vantage.models.runner.client;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The S3-compatible server {@code s3rver} of npm, with one bucket; asked by curl, which signs as Amazon does. */
final class StorageServer implements AutoCloseable {
    static final String BUCKET = "scans";

    private static final String KEY = "S3RVER";
    private static final Pattern LISTENING = Pattern.compile("S3rver listening on 127\\.0\\.0\\.1:(\\d+)");

    private final Process process;
    private final Path folder;
    private final String endpoint;

    private StorageServer(Process process, Path folder, String endpoint) {
        this.process = process;
        this.folder = folder;
        this.endpoint = endpoint;
    }

    static StorageServer start(Path folder, Path modules) throws IOException {
        Path log = folder.resolve("s3rver.log");
        Process process = new ProcessBuilder(
                        "node",
                        modules.resolve("s3rver/bin/s3rver.js").toString(),
                        "--directory=" + Files.createDirectories(folder.resolve("s3")),
                        "--address=127.0.0.1",
                        "--port=0",
                        "--configure-bucket",
                        BUCKET)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> LISTENING.matcher(Files.readString(log)).find() || !process.isAlive());
            Matcher said = LISTENING.matcher(Files.readString(log));
            if (!said.find()) {
                throw new IOException("s3rver does not listen: " + Files.readString(log));
            }
            return new StorageServer(process, folder, "http://127.0.0.1:" + said.group(1));
        } catch (IOException | RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** For any program that speaks to Amazon. */
    Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL_S3", endpoint,
                "AWS_REGION", "us-east-1",
                "AWS_ACCESS_KEY_ID", KEY,
                "AWS_SECRET_ACCESS_KEY", KEY);
    }

    void put(String key, Path file) throws IOException, InterruptedException {
        curl("--upload-file", file.toString(), url(key)).orFail();
    }

    /** The object in a file. */
    Path get(String key) throws IOException, InterruptedException {
        Path file = Files.createTempFile(folder, "object-", ".png");
        curl("--output", file.toString(), url(key)).orFail();
        return file;
    }

    /** The answer's header lines. */
    String headers(String key) throws IOException, InterruptedException {
        return curl("--head", url(key)).orFail();
    }

    boolean has(String key) throws IOException, InterruptedException {
        return curl("--head", url(key)).exit() == 0;
    }

    private String url(String key) {
        return endpoint + "/" + BUCKET + "/" + key;
    }

    private Commands.Said curl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "--silent",
                "--show-error",
                "--fail",
                "--aws-sigv4",
                "aws:amz:us-east-1:s3",
                "--user",
                KEY + ":" + KEY,
                // Amazon's way demands it, and curl 7.88 does not add it by itself.
                "--header",
                "x-amz-content-sha256: UNSIGNED-PAYLOAD"));
        command.addAll(List.of(arguments));
        return Commands.run(folder, Map.of(), command);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
