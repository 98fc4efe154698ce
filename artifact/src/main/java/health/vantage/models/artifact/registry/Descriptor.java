package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.json.Json;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Points at content by digest. Source: OCI image spec, descriptor.md.
 *
 * @param size bytes
 * @param artifactType what the manifest pointed at is, as the descriptor claims; the manifest itself decides
 * @param data the content itself, base64, if it travels inline: a cache, good only if it has this digest
 * @param platform what runs an image that an index lists; models have none
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        Optional<String> artifactType,
        SortedMap<String, String> annotations,
        Optional<String> data,
        Optional<Platform> platform) {
    private static final int MOST_ANNOTATIONS = 256;

    public Descriptor {
        annotations = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
    }

    public static Descriptor of(String mediaType, byte[] content) {
        return of(mediaType, Digest.of(content), content.length);
    }

    public static Descriptor of(String mediaType, Digest digest, long size) {
        return new Descriptor(
                mediaType, digest, size, Optional.empty(), new TreeMap<>(), Optional.empty(), Optional.empty());
    }

    public Descriptor annotated(Map<String, String> more) {
        var all = new TreeMap<>(annotations);
        all.putAll(more);
        return new Descriptor(mediaType, digest, size, artifactType, all, data, platform);
    }

    public Descriptor withArtifactType(String type) {
        return new Descriptor(mediaType, digest, size, Optional.of(type), annotations, data, platform);
    }

    public Descriptor forPlatform(Platform platform) {
        return new Descriptor(mediaType, digest, size, artifactType, annotations, data, Optional.of(platform));
    }

    /** The same descriptor with its content inline. */
    public Descriptor inline(byte[] content) {
        String base64 = Base64.getEncoder().encodeToString(content);
        return new Descriptor(mediaType, digest, size, artifactType, annotations, Optional.of(base64), platform);
    }

    public Optional<String> annotation(String key) {
        return Optional.ofNullable(annotations.get(key));
    }

    /** For people: the file it holds, if it says so, and where its digest begins. */
    public String label() {
        return annotation(MediaTypes.MODEL_FILEPATH)
                .map(path -> path + " " + digest.shortHex())
                .orElseGet(digest::shortHex);
    }

    ObjectNode toJson() {
        ObjectNode node = Json.newObject();
        node.put("mediaType", mediaType);
        node.put("digest", digest.toString());
        node.put("size", size);
        artifactType.ifPresent(type -> node.put("artifactType", type));
        data.ifPresent(base64 -> node.put("data", base64));
        platform.ifPresent(p -> node.set("platform", p.toJson()));
        if (!annotations.isEmpty()) {
            ObjectNode map = node.putObject("annotations");
            annotations.forEach(map::put);
        }
        return node;
    }

    /** @param where the end of a sentence for errors, such as "layers[2] of the manifest sha256:..." */
    static Descriptor fromJson(JsonNode node, String where) {
        if (node == null || !node.isObject()) {
            throw new UnsupportedArtifact(
                    where + " is not a descriptor object; the manifest is malformed, push it again");
        }
        String mediaType = node.path("mediaType").asText("");
        JsonNode size = node.path("size");
        if (mediaType.isEmpty() || mediaType.length() > 255) {
            throw new UnsupportedArtifact(where + " has no mediaType; the manifest is malformed, push it again");
        }
        if (!size.isIntegralNumber() || !size.canConvertToLong() || size.longValue() < 0) {
            throw new UnsupportedArtifact(where + " has no size in bytes; the manifest is malformed, push it again");
        }
        Digest digest;
        try {
            digest = Digest.parse(node.path("digest").asText(""));
        } catch (IllegalArgumentException e) {
            throw new UnsupportedArtifact(where + " has no usable digest: " + e.getMessage(), e);
        }
        Optional<String> artifactType =
                Optional.of(node.path("artifactType").asText("")).filter(t -> !t.isEmpty());
        Optional<String> data =
                node.path("data").isTextual() ? Optional.of(node.path("data").textValue()) : Optional.empty();
        return new Descriptor(
                mediaType,
                digest,
                size.longValue(),
                artifactType,
                annotations(node, where),
                data,
                Platform.fromJson(node.path("platform")));
    }

    static SortedMap<String, String> annotations(JsonNode owner, String where) {
        var map = new TreeMap<String, String>();
        JsonNode node = owner.path("annotations");
        if (node.size() > MOST_ANNOTATIONS) {
            throw new UnsupportedArtifact(where + " has " + node.size() + " annotations; at most " + MOST_ANNOTATIONS);
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (entry.getValue().isTextual()) {
                map.put(entry.getKey(), entry.getValue().textValue());
            }
        }
        return map;
    }
}
