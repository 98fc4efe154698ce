package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How to reach registries.
 *
 * @param credentials who we are, per registry
 * @param plainHttpHosts {@code host[:port]} that may be asked without TLS; loopback addresses always may
 * @param caFile PEM certificates trusted in addition to the platform's
 * @param connectTimeout for one connection
 * @param readTimeout for one read: a connection that is silent for longer is given up
 * @param attempts how often a request is tried when the registry is unavailable or overloaded, at least 1
 * @param firstBackoff pause before the second attempt; doubles, up to {@link #longestPause}
 * @param longestPause longest pause between attempts; a longer {@code Retry-After} fails at once with that duration
 * @param mirrors per registry {@code host[:port]}, its mirrors {@code host[:port][/prefix]}, asked first and in order;
 *     for reading only, each with its own credentials
 * @param rateLimit what all blobs together may take of the line; empty for all of it
 * @param connectionsPerBlob how many parts of one blob are fetched beside each other; 1 does not split it. For lines on which one
 *     connection does not get all there is: far away, or held back for each connection
 */
public record RegistryOptions(
        CredentialSource credentials,
        Set<String> plainHttpHosts,
        Optional<Path> caFile,
        Duration connectTimeout,
        Duration readTimeout,
        int attempts,
        Duration firstBackoff,
        Duration longestPause,
        Map<String, List<String>> mirrors,
        Optional<RateLimit> rateLimit,
        int connectionsPerBlob,
        String userAgent) {
    /** More wait for each other, or for a registry that counts them. */
    public static final int MOST_CONNECTIONS = 16;

    public RegistryOptions {
        plainHttpHosts = Set.copyOf(plainHttpHosts);
        mirrors = Map.copyOf(mirrors);
        mirrors.values().forEach(list -> list.forEach(RegistryOptions::checkMirror));
        if (attempts < 1 || attempts > 20) {
            throw new IllegalArgumentException("Attempts must be 1 to 20, not " + attempts);
        }
        if (connectionsPerBlob < 1 || connectionsPerBlob > MOST_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "A blob comes over 1 to " + MOST_CONNECTIONS + " connections, not " + connectionsPerBlob);
        }
    }

    private static void checkMirror(String mirror) {
        try {
            Reference.parse(mirror + "/model");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The mirror '" + mirror + "' is not host[:port] or host[:port]/prefix", e);
        }
    }

    /** No credentials, TLS except on loopback, 4 attempts, one connection for each blob. */
    public static RegistryOptions defaults() {
        return new RegistryOptions(
                CredentialSource.NONE,
                Set.of(),
                Optional.empty(),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                4,
                Duration.ofMillis(250),
                Duration.ofSeconds(20),
                Map.of(),
                Optional.empty(),
                1,
                "vantage-model-operator");
    }

    /** Reads {@code config.json} in this folder (also of a mounted {@code kubernetes.io/dockerconfigjson} Secret). */
    public RegistryOptions withDockerConfig(Path folder) {
        return withCredentials(DockerConfig.in(folder));
    }

    public RegistryOptions withCredentials(CredentialSource source) {
        return with(draft -> draft.credentials = source);
    }

    public RegistryOptions withPlainHttp(Set<String> hosts) {
        return with(draft -> draft.plainHttpHosts = hosts);
    }

    public RegistryOptions withCaFile(Path pem) {
        return with(draft -> draft.caFile = Optional.of(pem));
    }

    public RegistryOptions withTimeouts(Duration connect, Duration read) {
        return with(draft -> {
            draft.connectTimeout = connect;
            draft.readTimeout = read;
        });
    }

    RegistryOptions withAttempts(int most) {
        return with(draft -> draft.attempts = most);
    }

    public RegistryOptions withRetries(int most, Duration first, Duration longest) {
        return with(draft -> {
            draft.attempts = most;
            draft.firstBackoff = first;
            draft.longestPause = longest;
        });
    }

    public RegistryOptions withMirrors(Map<String, List<String>> hosts) {
        return with(draft -> draft.mirrors = hosts);
    }

    /** One limit for everything that is downloaded with these options; see {@link RateLimit}. */
    public RegistryOptions withRateLimit(RateLimit limit) {
        return with(draft -> draft.rateLimit = Optional.of(limit));
    }

    /** @param most 1 to {@value #MOST_CONNECTIONS} */
    public RegistryOptions withConnectionsPerBlob(int most) {
        return with(draft -> draft.connectionsPerBlob = most);
    }

    public RegistryOptions withUserAgent(String agent) {
        return with(draft -> draft.userAgent = agent);
    }

    private RegistryOptions with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** The same options, open to change. */
    private static final class Draft {
        private CredentialSource credentials;
        private Set<String> plainHttpHosts;
        private Optional<Path> caFile;
        private Duration connectTimeout;
        private Duration readTimeout;
        private int attempts;
        private Duration firstBackoff;
        private Duration longestPause;
        private Map<String, List<String>> mirrors;
        private Optional<RateLimit> rateLimit;
        private int connectionsPerBlob;
        private String userAgent;

        Draft(RegistryOptions from) {
            this.credentials = from.credentials;
            this.plainHttpHosts = from.plainHttpHosts;
            this.caFile = from.caFile;
            this.connectTimeout = from.connectTimeout;
            this.readTimeout = from.readTimeout;
            this.attempts = from.attempts;
            this.firstBackoff = from.firstBackoff;
            this.longestPause = from.longestPause;
            this.mirrors = from.mirrors;
            this.rateLimit = from.rateLimit;
            this.connectionsPerBlob = from.connectionsPerBlob;
            this.userAgent = from.userAgent;
        }

        RegistryOptions options() {
            return new RegistryOptions(
                    credentials,
                    plainHttpHosts,
                    caFile,
                    connectTimeout,
                    readTimeout,
                    attempts,
                    firstBackoff,
                    longestPause,
                    mirrors,
                    rateLimit,
                    connectionsPerBlob,
                    userAgent);
        }
    }
}
