package health.vantage.models.artifact.registry;

import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.ArtifactException.RegistryDenied;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Talks to one registry: authorises, waits and tries again where that helps, and turns refusals into exceptions. */
final class RegistryClient {
    private static final int MOST_ERROR_BYTES = 8 << 10;

    private final String host;
    private final RegistryOptions options;
    private final HttpTransport transport;
    private final Authorizer authorizer;
    private final InstantSource clock;

    RegistryClient(String host, RegistryOptions options, HttpTransport transport, InstantSource clock) {
        this.host = host;
        this.options = options;
        this.transport = transport;
        this.authorizer = new Authorizer(host, options, transport, clock);
        this.clock = clock;
    }

    URI uri(String path) {
        return URI.create((PlainHttp.allowed(host, options) ? "http://" : "https://") + host + path);
    }

    /** Not faster than the options allow; only blobs are large enough to matter. */
    InputStream limited(InputStream blob) {
        return options.rateLimit().map(limit -> limit.limit(blob)).orElse(blob);
    }

    int connectionsPerBlob() {
        return options.connectionsPerBlob();
    }

    String host() {
        return host;
    }

    /**
     * An answer of 2xx, 404, 405 or 416, which mean something to whoever asked.
     *
     * @throws RegistryDenied for other 4xx
     * @throws RegistryUnavailable for 5xx, 429 and broken connections, after the last attempt
     */
    Answer exchange(Request request) {
        for (int attempt = 1; ; attempt++) {
            Optional<Duration> asked = Optional.empty();
            Exception cause = null;
            String problem;
            try {
                Answer answer = authorised(request);
                int status = answer.status();
                if (answer.ok() || status == 404 || status == 405 || status == 416) {
                    return answer;
                }
                problem = "answers " + status + said(answer) + " to " + request.shown();
                asked = answer.header("Retry-After").flatMap(this::retryAfter);
                answer.close();
                if (status < 500 && status != 429 && status != 408) {
                    throw new RegistryDenied("The registry " + host + " refuses: it " + problem);
                }
            } catch (IOException e) {
                problem = "cannot be reached (" + plain(e) + ") for " + request.shown();
                cause = e;
            }
            Duration pause = asked.orElse(backoff(attempt));
            if (attempt >= options.attempts() || pause.compareTo(options.longestPause()) > 0) {
                throw new RegistryUnavailable(
                        "The registry " + host + " " + problem + ", tried " + attempt
                                + (attempt == 1 ? " time" : " times"),
                        asked,
                        cause);
            }
            sleep(pause, request);
        }
    }

    private Answer authorised(Request request) throws IOException {
        // A registry may send an upload elsewhere; who we are here is nobody's business there.
        boolean ours = uri("").getAuthority().equals(request.uri().getAuthority());
        Optional<String> sent = ours ? authorizer.header(request.scope()) : Optional.empty();
        Answer answer = transport.send(request, sent);
        if (answer.status() != 401 || !ours) {
            return answer;
        }
        // A held token may have been revoked, and a new one refused once by a registry that has not heard of it yet.
        Optional<String> challenge = answer.header("WWW-Authenticate");
        answer.close();
        String fresh = authorizer.answer(request, challenge, sent);
        answer = transport.send(request, Optional.of(fresh));
        if (answer.status() == 401) {
            challenge = answer.header("WWW-Authenticate");
            answer.close();
            String last = authorizer.answer(request, challenge, Optional.of(fresh));
            answer = transport.send(request, Optional.of(last));
        }
        return answer;
    }

    private Duration backoff(int attempt) {
        long first = options.firstBackoff().toMillis();
        long doubled = Math.min(
                first << Math.min(attempt - 1, 16), options.longestPause().toMillis());
        // A fleet that lost its registry together must not come back together.
        return Duration.ofMillis(doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1));
    }

    private Optional<Duration> retryAfter(String header) {
        if (header.matches("[0-9]{1,9}")) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(header)));
        }
        try {
            Instant at = ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration until = Duration.between(clock.instant(), at);
            return Optional.of(until.isNegative() ? Duration.ZERO : until);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private void sleep(Duration pause, Request request) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailable("Waiting to try " + request.shown() + " again was interrupted", e);
        }
    }

    /** What the registry says about it, as the end of a sentence; bounded, and safe to print. */
    static String said(Answer answer) {
        try {
            byte[] body = answer.body().readNBytes(MOST_ERROR_BYTES);
            var first = Json.object(body).path("errors").path(0);
            String text =
                    (first.path("code").asText("") + " " + first.path("message").asText("")).strip();
            String safe = text.replaceAll("\\p{Cntrl}", " ");
            return safe.isEmpty() ? "" : " (" + safe.substring(0, Math.min(200, safe.length())) + ")";
        } catch (IOException | Json.NotJson e) {
            return "";
        }
    }

    private static String plain(IOException e) {
        String name = e.getClass().getSimpleName();
        return switch (e) {
            case java.net.UnknownHostException unknown -> "no such host: " + unknown.getMessage();
            case java.net.SocketTimeoutException timeout -> "it does not answer in time";
            default -> e.getMessage() == null ? name : e.getMessage();
        };
    }

    /** @return never; the type lets callers write {@code throw} */
    ArtifactException unexpected(Request request, Answer answer) {
        String said = said(answer);
        int status = answer.status();
        answer.close();
        return new RegistryDenied("The registry " + host + " answers " + status + said + " to " + request.shown()
                + ", which was not expected");
    }
}
