package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
        String userAgent) {
    public RegistryOptions {
        plainHttpHosts = Set.copyOf(plainHttpHosts);
        mirrors = Map.copyOf(mirrors);
        mirrors.values().forEach(list -> list.forEach(RegistryOptions::checkMirror));
        if (attempts < 1 || attempts > 20) {
            throw new IllegalArgumentException("Attempts must be 1 to 20, not " + attempts);
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

    RegistryOptions withAttempts(int most) {
        return withRetries(most, firstBackoff, longestPause);
    }

    /** No credentials, TLS except on loopback, 4 attempts. */
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
                "vantage-model-operator");
    }

    /** Reads {@code config.json} in this folder (also of a mounted {@code kubernetes.io/dockerconfigjson} Secret). */
    public RegistryOptions withDockerConfig(Path folder) {
        return withCredentials(DockerConfig.in(folder));
    }

    public RegistryOptions withCredentials(CredentialSource source) {
        return new RegistryOptions(
                source,
                plainHttpHosts,
                caFile,
                connectTimeout,
                readTimeout,
                attempts,
                firstBackoff,
                longestPause,
                mirrors,
                rateLimit,
                userAgent);
    }

    public RegistryOptions withPlainHttp(Set<String> hosts) {
        return new RegistryOptions(
                credentials,
                hosts,
                caFile,
                connectTimeout,
                readTimeout,
                attempts,
                firstBackoff,
                longestPause,
                mirrors,
                rateLimit,
                userAgent);
    }

    public RegistryOptions withCaFile(Path pem) {
        return new RegistryOptions(
                credentials,
                plainHttpHosts,
                Optional.of(pem),
                connectTimeout,
                readTimeout,
                attempts,
                firstBackoff,
                longestPause,
                mirrors,
                rateLimit,
                userAgent);
    }

    public RegistryOptions withTimeouts(Duration connect, Duration read) {
        return new RegistryOptions(
                credentials,
                plainHttpHosts,
                caFile,
                connect,
                read,
                attempts,
                firstBackoff,
                longestPause,
                mirrors,
                rateLimit,
                userAgent);
    }

    public RegistryOptions withRetries(int most, Duration first, Duration longest) {
        return new RegistryOptions(
                credentials,
                plainHttpHosts,
                caFile,
                connectTimeout,
                readTimeout,
                most,
                first,
                longest,
                mirrors,
                rateLimit,
                userAgent);
    }

    public RegistryOptions withMirrors(Map<String, List<String>> hosts) {
        return new RegistryOptions(
                credentials,
                plainHttpHosts,
                caFile,
                connectTimeout,
                readTimeout,
                attempts,
                firstBackoff,
                longestPause,
                hosts,
                rateLimit,
                userAgent);
    }

    /** One limit for everything that is downloaded with these options; see {@link RateLimit}. */
    public RegistryOptions withRateLimit(RateLimit limit) {
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
                Optional.of(limit),
                userAgent);
    }

    public RegistryOptions withUserAgent(String agent) {
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
                agent);
    }
}
