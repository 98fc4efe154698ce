package health.vantage.models.system.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/**
 * How to reach one API server.
 *
 * @param url such as {@code https://127.0.0.1:20443}
 * @param authority PEM of the certificates that its own is checked against
 */
public record Kubeconfig(String url, String authority) {
    /** The text of a kubeconfig for the bearer of a token. */
    public String forToken(String token, String namespace) {
        return """
                apiVersion: v1
                kind: Config
                current-context: system
                clusters:
                - name: system
                  cluster: {server: "%s", certificate-authority-data: %s}
                users:
                - name: bearer
                  user: {token: "%s"}
                contexts:
                - name: system
                  context: {cluster: system, user: bearer, namespace: "%s"}
                """.formatted(
                url, Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8)), token, namespace);
    }

    /** Writes a file that only its owner may read, as a token is in it. */
    static Path write(Path file, String content) {
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + file + " cannot be written", e);
        }
    }
}
