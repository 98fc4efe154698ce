package health.vantage.models.artifact.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** SLSA provenance v1 of a model, from what its metadata says of the training. Source: slsa.dev/spec/v1.0/provenance. */
public final class TrainingProvenance {
    /** What the parameters mean: a training run that read one data set and wrote one version of a model. */
    private static final String BUILD_TYPE = "https://vantage.health/models/training/v1";

    private TrainingProvenance() {}

    /** The builder that the metadata names, as a URI: {@code urn:vantage:trainer:pipeline-7}. */
    public static String builder(ModelMetadata metadata) {
        return "urn:vantage:trainer:" + encoded(metadata.provenance().trainedBy());
    }

    /**
     * The predicate; the same metadata gives the same bytes.
     *
     * @param builder the URI of who trained it, for instance {@link #builder}
     * @throws IllegalArgumentException if it is not an absolute URI
     */
    public static ObjectNode of(ModelMetadata metadata, String builder) {
        if (!URI.create(builder).isAbsolute()) {
            throw new IllegalArgumentException("A builder id is an absolute URI, not '" + builder + "'");
        }
        var provenance = metadata.provenance();
        ObjectNode root = Json.newObject();
        ObjectNode definition = root.putObject("buildDefinition");
        definition.put("buildType", BUILD_TYPE);
        definition
                .putObject("externalParameters")
                .put("name", metadata.name())
                .put("version", metadata.version())
                .put("variant", metadata.variant())
                .put("trainingRun", provenance.trainingRun())
                .put("dataset", provenance.dataset());
        definition
                .putArray("resolvedDependencies")
                .addObject()
                .put("uri", "urn:vantage:dataset:" + encoded(provenance.dataset()))
                .put("name", provenance.dataset());
        ObjectNode details = root.putObject("runDetails");
        details.putObject("builder").put("id", builder);
        details.putObject("metadata")
                .put("invocationId", provenance.trainingRun())
                .put("finishedOn", provenance.trainedAt().toString());
        return root;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
