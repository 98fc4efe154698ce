package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The {@code Authorization} for one registry: Basic, or Bearer tokens kept per scope until shortly before they expire.
 * Source: distribution's token and OAuth2 specifications.
 */
final class Authorizer {
    private static final int LARGEST_ANSWER = 1 << 20;
    private static final int MOST_TOKENS = 1000;
    /** The specification's own default when the answer does not say. */
    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);

    private static final Duration MARGIN = Duration.ofSeconds(10);

    private record Held(String header, Instant until) {}

    private final String host;
    private final RegistryOptions options;
    private final HttpTransport transport;
    private final InstantSource clock;
    private final ConcurrentHashMap<String, Held> byScope = new ConcurrentHashMap<>();

    Authorizer(String host, RegistryOptions options, HttpTransport transport, InstantSource clock) {
        this.host = host;
        this.options = options;
        this.transport = transport;
        this.clock = clock;
    }

    /** What to send along unasked; empty until the registry has asked for this scope once. */
    Optional<String> header(String scope) {
        Held held = byScope.get(scope);
        return held != null && clock.instant().isBefore(held.until()) ? Optional.of(held.header()) : Optional.empty();
    }

    /** Answers a 401. @throws RegistryDenied if there is nothing (more) to answer */
    String answer(Request request, Optional<String> wwwAuthenticate, Optional<String> refused) throws IOException {
        Optional<Credential> credential = options.credentials().find(host, repository(request.scope()));
        Challenge challenge = wwwAuthenticate.flatMap(Challenge::parse).orElseThrow(() -> denied(request, credential));
        Held held = challenge.bearer()
                ? token(request, challenge, credential)
                : new Held(basic(request, credential), Instant.MAX);
        if (refused.filter(held.header()::equals).isPresent()) {
            throw denied(request, credential);
        }
        if (byScope.size() >= MOST_TOKENS) {
            byScope.clear();
        }
        byScope.put(request.scope(), held);
        return held.header();
    }

    private String basic(Request request, Optional<Credential> credential) {
        if (credential.orElse(null) instanceof Credential.Basic basic) {
            return basic.header();
        }
        throw denied(request, credential);
    }

    private Held token(Request request, Challenge challenge, Optional<Credential> credential) throws IOException {
        URI realm = realm(challenge);
        Set<String> scopes = new LinkedHashSet<>();
        challenge.parameter("scope").ifPresent(scope -> scopes.addAll(List.of(scope.split(" "))));
        scopes.addAll(List.of(request.scope().split(" ")));
        String service = challenge.parameter("service").orElse("");
        Request ask = credential.orElse(null) instanceof Credential.IdentityToken identity
                ? refresh(realm, service, scopes, identity)
                : get(realm, service, scopes);
        Optional<String> authorization = credential.orElse(null) instanceof Credential.Basic basic
                ? Optional.of(basic.header())
                : Optional.empty();
        try (var answer = transport.send(ask, authorization)) {
            if (answer.status() == 401 || answer.status() == 403 || answer.status() == 400) {
                throw denied(request, credential);
            }
            if (!answer.ok()) {
                throw new IOException("the token server " + realm.getAuthority() + " answered " + answer.status());
            }
            ObjectNode json = Json.object(answer.body().readNBytes(LARGEST_ANSWER));
            String token = json.path("token").asText(json.path("access_token").asText(""));
            if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new IOException("the token server " + realm.getAuthority() + " gave no token");
            }
            long seconds = json.path("expires_in").asLong(DEFAULT_LIFE.toSeconds());
            Duration life = Duration.ofSeconds(Math.clamp(seconds, 1, 86_400));
            return new Held("Bearer " + token, clock.instant().plus(life).minus(MARGIN));
        } catch (Json.NotJson e) {
            throw new IOException("the token server " + realm.getAuthority() + " gave an answer that is not JSON", e);
        }
    }

    private URI realm(Challenge challenge) throws IOException {
        String text = challenge.parameter("realm").orElse("");
        URI realm;
        try {
            realm = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("the registry names a token server that is not an address", e);
        }
        boolean safe = "https".equals(realm.getScheme())
                || "http".equals(realm.getScheme())
                        && realm.getAuthority() != null
                        && PlainHttp.allowed(realm.getAuthority(), options);
        if (!safe) {
            throw new RegistryDenied(
                    "The registry " + host + " sends us to the token server '" + text
                            + "', which has no TLS; credentials are not sent there. List the host as plain HTTP if that is meant");
        }
        return realm;
    }

    private static Request get(URI realm, String service, Set<String> scopes) {
        var query = new StringBuilder(realm.getRawQuery() == null ? "?" : "&");
        query.append("service=").append(encoded(service));
        scopes.forEach(scope -> query.append("&scope=").append(encoded(scope)));
        return Request.of("GET", URI.create(realm + query.toString()), "");
    }

    private Request refresh(URI realm, String service, Set<String> scopes, Credential.IdentityToken identity) {
        String form = "grant_type=refresh_token&service=" + encoded(service) + "&scope="
                + encoded(String.join(" ", scopes)) + "&client_id=" + encoded(options.userAgent()) + "&refresh_token="
                + encoded(identity.token());
        return Request.of("POST", realm, "")
                .body("application/x-www-form-urlencoded", form.getBytes(StandardCharsets.UTF_8));
    }

    private RegistryDenied denied(Request request, Optional<Credential> credential) {
        String who =
                switch (credential.orElse(null)) {
                    case null -> "there are no credentials for it; add them to the docker config";
                    case Credential.Basic basic -> "it does not accept the user '" + basic.user() + "' for this";
                    case Credential.IdentityToken token -> "it does not accept the identity token; log in again";
                };
        return new RegistryDenied("The registry " + host + " denies " + request.shown() + ": " + who);
    }

    private static String repository(String scope) {
        String[] parts = scope.split(":", 3);
        return parts.length == 3 ? parts[1] : "";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
