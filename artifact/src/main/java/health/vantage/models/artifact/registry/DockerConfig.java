package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Docker's {@code config.json}: {@code auths}, {@code credHelpers} and {@code credsStore}. The file is read again at each
 * question, so that a rotated Secret counts without a restart.
 *
 * <p>An {@code auths} key may carry a path ({@code registry.example.com/team}); the longest that matches wins, as the
 * kubelet does it.
 */
public final class DockerConfig implements CredentialSource {
    private static final int LARGEST = 1 << 20;

    @FunctionalInterface
    private interface Source {
        /** Null if there is no configuration. */
        byte[] read() throws IOException;
    }

    private final Source source;
    private final String where;

    private DockerConfig(Source source, String where) {
        this.source = source;
        this.where = where;
    }

    /** {@code config.json} or {@code .dockerconfigjson} in a folder; neither being there means no credentials. */
    public static DockerConfig in(Path folder) {
        return new DockerConfig(
                () -> {
                    for (String name : List.of("config.json", ".dockerconfigjson")) {
                        Path file = folder.resolve(name);
                        if (Files.isRegularFile(file)) {
                            if (Files.size(file) > LARGEST) {
                                throw new IOException("it is larger than " + LARGEST + " bytes");
                            }
                            return Files.readAllBytes(file);
                        }
                    }
                    return null;
                },
                "The registry credentials in " + folder);
    }

    /** The content of a {@code kubernetes.io/dockerconfigjson} Secret. */
    public static DockerConfig of(byte[] json) {
        byte[] copy = json.clone();
        return new DockerConfig(() -> copy, "The registry credentials given");
    }

    /** {@code $DOCKER_CONFIG}, else {@code ~/.docker}. */
    public static DockerConfig ofUser() {
        String folder = System.getenv("DOCKER_CONFIG");
        return in(
                folder != null && !folder.isBlank()
                        ? Path.of(folder)
                        : Path.of(System.getProperty("user.home"), ".docker"));
    }

    @Override
    public Optional<Credential> find(String host, String repository) {
        ObjectNode root;
        try {
            byte[] json = source.read();
            if (json == null) {
                return Optional.empty();
            }
            root = Json.object(json);
        } catch (IOException | Json.NotJson e) {
            throw new RegistryDenied(where + " cannot be read: " + e.getMessage(), e);
        }
        JsonNode helper = root.path("credHelpers").path(host);
        if (helper.isTextual()) {
            return CredentialHelper.ask(helper.textValue(), host);
        }
        Optional<Credential> own = bestEntry(root.path("auths"), host, repository);
        if (own.isPresent()) {
            return own;
        }
        JsonNode store = root.path("credsStore");
        return store.isTextual() ? CredentialHelper.ask(store.textValue(), host) : Optional.empty();
    }

    private Optional<Credential> bestEntry(JsonNode auths, String host, String repository) {
        String full = host + "/" + repository;
        String best = null;
        for (var entry : auths.properties()) {
            String key = normalised(entry.getKey());
            boolean matches = full.equals(key) || full.startsWith(key + "/");
            if (matches && (best == null || key.length() > normalised(best).length())) {
                best = entry.getKey();
            }
        }
        return best == null ? Optional.empty() : credential(auths.get(best), best);
    }

    private static String normalised(String key) {
        String bare = key.replaceFirst("^https?://", "").replaceFirst("/+$", "");
        return bare.replaceFirst("/v[12]$", "");
    }

    private Optional<Credential> credential(JsonNode entry, String key) {
        String token = entry.path("identitytoken").asText("");
        if (!token.isEmpty()) {
            return Optional.of(new Credential.IdentityToken(token));
        }
        String auth = entry.path("auth").asText("");
        if (!auth.isEmpty()) {
            String decoded;
            try {
                decoded = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw new RegistryDenied(where + " have an entry for " + key + " whose 'auth' is not base64", e);
            }
            int colon = decoded.indexOf(':');
            if (colon < 0) {
                throw new RegistryDenied(where + " have an entry for " + key + " whose 'auth' is not user:password");
            }
            return Optional.of(new Credential.Basic(decoded.substring(0, colon), decoded.substring(colon + 1)));
        }
        String user = entry.path("username").asText("");
        return user.isEmpty()
                ? Optional.empty()
                : Optional.of(new Credential.Basic(user, entry.path("password").asText("")));
    }
}
