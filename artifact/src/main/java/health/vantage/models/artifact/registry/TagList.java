package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.JsonNode;
import health.vantage.models.artifact.ArtifactException.RegistryUnavailable;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.HttpExchange.Answer;
import health.vantage.models.artifact.registry.HttpExchange.Request;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lists a repository's tags over all pages. Registries may ignore the page size, and do not sort. */
final class TagList {
    private static final int PAGE = 1000;
    private static final int LARGEST_PAGE = 16 << 20;
    private static final int MOST_TAGS = 200_000;
    private static final Pattern NEXT = Pattern.compile("<([^>]{1,4096})>\\s*;[^,]*\\brel=\"?next\"?");

    private final RegistryClient client;
    private final String path;
    private final String scope;

    TagList(RegistryClient client, String path, String scope) {
        this.client = client;
        this.path = path;
        this.scope = scope;
    }

    List<String> read() {
        Set<String> tags = new LinkedHashSet<>();
        Set<URI> seen = new HashSet<>();
        Optional<URI> page = Optional.of(client.uri(path + "/tags/list?n=" + PAGE));
        // A page seen before means that the registry goes round in circles: then we have them all.
        while (page.isPresent() && seen.add(page.get())) {
            page = readPage(page.get(), tags);
            if (tags.size() > MOST_TAGS) {
                throw new UnsupportedArtifact("The repository " + client.host() + path.substring(3) + " has more than "
                        + MOST_TAGS + " tags; delete old ones");
            }
        }
        return List.copyOf(tags);
    }

    private Optional<URI> readPage(URI uri, Set<String> into) {
        Request request = Request.of("GET", uri, scope);
        try (Answer answer = client.exchange(request)) {
            if (answer.status() == 404) {
                return Optional.empty();
            }
            if (!answer.ok()) {
                throw client.unexpected(request, answer);
            }
            byte[] bytes = answer.body().readNBytes(LARGEST_PAGE + 1);
            if (bytes.length > LARGEST_PAGE) {
                throw new UnsupportedArtifact(
                        "One page of " + request.shown() + " is larger than " + LARGEST_PAGE + " bytes");
            }
            for (JsonNode tag : Json.object(bytes).path("tags")) {
                if (tag.isTextual() && Reference.isTag(tag.textValue())) {
                    into.add(tag.textValue());
                }
            }
            return answer.header("Link").flatMap(link -> next(uri, link));
        } catch (IOException | Json.NotJson e) {
            throw new RegistryUnavailable("The answer to " + request.shown() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Optional<URI> next(URI from, String link) {
        Matcher matcher = NEXT.matcher(link);
        if (!matcher.find()) {
            return Optional.empty();
        }
        URI next;
        try {
            next = from.resolve(matcher.group(1));
        } catch (IllegalArgumentException e) {
            throw new UnsupportedArtifact(
                    "The registry " + client.host() + " names a next page of tags that is not an address", e);
        }
        // The next page gets our token, so it must be at the same registry.
        boolean same = from.getAuthority().equals(next.getAuthority())
                && from.getScheme().equals(next.getScheme());
        if (!same) {
            throw new UnsupportedArtifact("The registry " + client.host() + " sends us to " + next.getAuthority()
                    + " for the next page of tags, which is not followed");
        }
        return Optional.of(next);
    }
}
