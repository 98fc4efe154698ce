package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Asks a docker credential helper, {@code docker-credential-<name> get}. Source: docker/docker-credential-helpers. */
final class CredentialHelper {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LARGEST = 64 << 10;
    private static final int SECONDS = 20;

    private CredentialHelper() {}

    static Optional<Credential> ask(String name, String host) {
        if (!NAME.matcher(name).matches()) {
            throw new RegistryDenied("The credential helper name '" + name + "' is not a plain program name");
        }
        String program = "docker-credential-" + name;
        try {
            Process process = new ProcessBuilder(program, "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var in = process.getOutputStream()) {
                in.write(host.getBytes(StandardCharsets.UTF_8));
            }
            var read = CompletableFuture.supplyAsync(() -> readAll(process));
            byte[] out = read.get(SECONDS, TimeUnit.SECONDS);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                throw new TimeoutException();
            }
            if (process.exitValue() != 0) {
                // The helpers' protocol: exit 1 with this text when they simply have nothing.
                String said = new String(out, StandardCharsets.UTF_8);
                if (said.contains("credentials not found")) {
                    return Optional.empty();
                }
                throw new RegistryDenied(program + " failed for " + host + " with exit code " + process.exitValue());
            }
            var answer = Json.object(out);
            String user = answer.path("Username").asText("");
            String secret = answer.path("Secret").asText("");
            if (secret.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(
                    user.equals("<token>") ? new Credential.IdentityToken(secret) : new Credential.Basic(user, secret));
        } catch (IOException e) {
            throw new RegistryDenied(
                    program + " cannot be run for " + host + ": " + e.getMessage()
                            + "; install it or change the docker config",
                    e);
        } catch (TimeoutException e) {
            throw new RegistryDenied(program + " did not answer for " + host + " within " + SECONDS + " s", e);
        } catch (Json.NotJson | ExecutionException e) {
            throw new RegistryDenied(program + " gave an answer for " + host + " that cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryDenied("Asking " + program + " was interrupted", e);
        }
    }

    private static byte[] readAll(Process process) {
        try (var out = process.getInputStream()) {
            return out.readNBytes(LARGEST);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
