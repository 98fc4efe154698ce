package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private CredentialHelper() {}

    static Optional<Credential> ask(String name, String host) {
        if (!NAME.matcher(name).matches()) {
            throw new RegistryDenied("The credential helper name '" + name + "' is not a plain program name");
        }
        return ask("docker-credential-" + name, host, PATIENCE);
    }

    /** @param patience how long the program may take */
    static Optional<Credential> ask(String program, String host, Duration patience) {
        Process process = null;
        try {
            process = new ProcessBuilder(program, "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            question(process, host);
            return answer(process, program, host, patience);
        } catch (IOException e) {
            throw new RegistryDenied(
                    program + " cannot be run for " + host + ": " + e.getMessage()
                            + "; install it or change the docker config",
                    e);
        } catch (TimeoutException e) {
            throw new RegistryDenied(
                    program + " did not answer for " + host + " within " + patience.toSeconds() + " s", e);
        } catch (Json.NotJson | ExecutionException e) {
            throw new RegistryDenied(program + " gave an answer for " + host + " that cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryDenied("Asking " + program + " was interrupted", e);
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }

    private static void question(Process process, String host) {
        try (var in = process.getOutputStream()) {
            in.write(host.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It did not wait for the question (a broken pipe); what it answers counts.
            return;
        }
    }

    private static Optional<Credential> answer(Process process, String program, String host, Duration patience)
            throws TimeoutException, ExecutionException, InterruptedException {
        var read = CompletableFuture.supplyAsync(() -> readAll(process));
        byte[] out = read.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
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
    }

    private static byte[] readAll(Process process) {
        try (var out = process.getInputStream()) {
            return out.readNBytes(LARGEST);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
