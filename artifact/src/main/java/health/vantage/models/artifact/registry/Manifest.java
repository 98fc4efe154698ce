package health.vantage.models.artifact.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.UnsupportedArtifact;
import health.vantage.models.artifact.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a tag or digest leads to: one artifact's manifest, or an index of manifests. Source: OCI image spec. */
public sealed interface Manifest {
    /** The largest manifest we read, the limit that the distribution spec tells registries to take. */
    int LARGEST = 4 << 20;

    String mediaType();

    Optional<String> artifactType();

    /** What this is attached to, for signatures and other referrers. */
    Optional<Descriptor> subject();

    SortedMap<String, String> annotations();

    /** Compact JSON, always the same for the same content. */
    byte[] toBytes();

    /** The type of a referrer as the referrers API must report it: the artifactType, else the config's type. */
    default Optional<String> effectiveArtifactType() {
        return artifactType();
    }

    /** One artifact: a config and layers. */
    record Artifact(
            String mediaType,
            Optional<String> artifactType,
            Descriptor config,
            List<Descriptor> layers,
            Optional<Descriptor> subject,
            SortedMap<String, String> annotations)
            implements Manifest {
        public Artifact {
            layers = List.copyOf(layers);
            annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
        }

        public static Artifact of(
                String artifactType, Descriptor config, List<Descriptor> layers, Map<String, String> annotations) {
            return new Artifact(
                    MediaTypes.OCI_MANIFEST,
                    Optional.ofNullable(artifactType),
                    config,
                    layers,
                    Optional.empty(),
                    new TreeMap<>(annotations));
        }

        public Artifact withSubject(Descriptor to) {
            return new Artifact(mediaType, artifactType, config, layers, Optional.of(to), annotations);
        }

        /** Config and layers, in bytes: what a node has to hold. */
        public long contentSize() {
            return layers.stream().mapToLong(Descriptor::size).reduce(config.size(), Math::addExact);
        }

        @Override
        public Optional<String> effectiveArtifactType() {
            return artifactType.or(() -> config.artifactType()).or(() -> Optional.of(config.mediaType()));
        }

        @Override
        public byte[] toBytes() {
            ObjectNode root = head(this);
            root.set("config", config.toJson());
            ArrayNode array = root.putArray("layers");
            layers.forEach(layer -> array.add(layer.toJson()));
            return tail(root, this);
        }
    }

    /** Several manifests under one digest: the release of one version for several variants, or a list of referrers. */
    record Index(
            String mediaType,
            Optional<String> artifactType,
            List<Descriptor> manifests,
            Optional<Descriptor> subject,
            SortedMap<String, String> annotations)
            implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
            annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
        }

        public static Index of(List<Descriptor> manifests, Map<String, String> annotations) {
            return new Index(
                    MediaTypes.OCI_INDEX, Optional.empty(), manifests, Optional.empty(), new TreeMap<>(annotations));
        }

        @Override
        public byte[] toBytes() {
            ObjectNode root = head(this);
            ArrayNode array = root.putArray("manifests");
            manifests.forEach(entry -> array.add(entry.toJson()));
            return tail(root, this);
        }
    }

    /**
     * @param mediaType what the registry or descriptor says it is; wins over nothing, but must not contradict
     * @param where names the manifest in errors
     */
    static Manifest parse(byte[] bytes, String mediaType, String where) {
        ObjectNode root;
        try {
            root = Json.object(bytes);
        } catch (Json.NotJson e) {
            throw new UnsupportedArtifact("The manifest " + where + " is " + e.getMessage() + "; push it again", e);
        }
        String own = root.path("mediaType").asText("");
        // A registry may serve a manifest under another type than it was pushed with; then two readers could read two
        // things into the same bytes (CVE-2021-41190), so a contradiction is an error.
        if (!own.isEmpty() && !mediaType.isEmpty() && !own.equals(mediaType)) {
            throw new UnsupportedArtifact("The manifest " + where + " says of itself that it is " + own
                    + ", but was served as " + mediaType + "; push it again with one type");
        }
        boolean hasManifests = root.has("manifests");
        boolean hasLayers = root.has("layers") || root.has("config");
        // The field is optional in OCI, and a blob on disk has no header: then the content decides.
        String inferred = hasManifests ? MediaTypes.OCI_INDEX : hasLayers ? MediaTypes.OCI_MANIFEST : "";
        String type = !own.isEmpty() ? own : !mediaType.isEmpty() ? mediaType : inferred;
        if (hasManifests && hasLayers) {
            throw new UnsupportedArtifact(
                    "The manifest " + where + " has both layers and manifests, so nobody can say what it is");
        }
        if (MediaTypes.isIndex(type) && !hasLayers) {
            return new Index(
                    type,
                    text(root, "artifactType"),
                    descriptors(root, "manifests", where, 1024),
                    subject(root, where),
                    Descriptor.annotations(root, where));
        }
        if (MediaTypes.isManifest(type) && !hasManifests) {
            return new Artifact(
                    type,
                    text(root, "artifactType"),
                    Descriptor.fromJson(root.get("config"), "config of " + where),
                    descriptors(root, "layers", where, 512),
                    subject(root, where),
                    Descriptor.annotations(root, where));
        }
        throw new UnsupportedArtifact("The manifest " + where + " is of the type '" + type
                + "', which is not an OCI or Docker image manifest or index; pack the model again");
    }

    private static List<Descriptor> descriptors(ObjectNode root, String field, String where, int most) {
        JsonNode array = root.path(field);
        if (!array.isArray()) {
            throw new UnsupportedArtifact("The manifest " + where + " has no list of " + field + "; push it again");
        }
        if (array.size() > most) {
            throw new UnsupportedArtifact(
                    "The manifest " + where + " has " + array.size() + " " + field + "; at most " + most + " are read");
        }
        var list = new ArrayList<Descriptor>();
        for (int i = 0; i < array.size(); i++) {
            list.add(Descriptor.fromJson(array.get(i), field + "[" + i + "] of " + where));
        }
        return list;
    }

    private static Optional<Descriptor> subject(ObjectNode root, String where) {
        return root.has("subject")
                ? Optional.of(Descriptor.fromJson(root.get("subject"), "subject of " + where))
                : Optional.empty();
    }

    private static Optional<String> text(ObjectNode root, String field) {
        return Optional.of(root.path(field).asText("")).filter(t -> !t.isEmpty());
    }

    private static ObjectNode head(Manifest manifest) {
        ObjectNode root = Json.newObject();
        root.put("schemaVersion", 2);
        root.put("mediaType", manifest.mediaType());
        manifest.artifactType().ifPresent(type -> root.put("artifactType", type));
        return root;
    }

    private static byte[] tail(ObjectNode root, Manifest manifest) {
        manifest.subject().ifPresent(to -> root.set("subject", to.toJson()));
        if (!manifest.annotations().isEmpty()) {
            ObjectNode map = root.putObject("annotations");
            manifest.annotations().forEach(map::put);
        }
        return Json.bytes(root);
    }
}
