package health.vantage.models.artifact.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The CycloneDX 1.6 bill of materials of a model, from its manifest and metadata alone: no weights are read, and the same
 * manifest gives the same bytes, as the serial number follows from its digest and there is no time in it.
 */
public final class ModelBom {
    private static final String PROPERTY = "health.vantage.model.";

    private ModelBom() {}

    public static ObjectNode of(ModelArtifact model) {
        ModelMetadata metadata = model.metadata();
        String dataset = "dataset:" + metadata.provenance().dataset();
        ObjectNode root = Json.newObject();
        root.put("bomFormat", "CycloneDX");
        root.put("specVersion", "1.6");
        root.put(
                "serialNumber",
                "urn:uuid:" + UUID.nameUUIDFromBytes(model.digest().toString().getBytes(StandardCharsets.UTF_8)));
        root.put("version", 1);
        ObjectNode component = root.putObject("metadata").putObject("component");
        String reference =
                "pkg:oci/" + metadata.name() + "@sha256%3A" + model.digest().hex();
        component.put("type", "machine-learning-model");
        component.put("bom-ref", reference);
        component.put("name", metadata.name());
        component.put("version", metadata.version());
        component.put("purl", reference);
        hash(component, model.digest().hex());
        card(component.putObject("modelCard"), metadata, dataset);
        properties(component, metadata);

        ArrayNode components = root.putArray("components");
        ObjectNode data = components.addObject();
        data.put("type", "data");
        data.put("bom-ref", dataset);
        data.put("name", metadata.provenance().dataset());
        data.putArray("data")
                .addObject()
                .put("type", "dataset")
                .put("name", metadata.provenance().dataset());
        ArrayNode dependsOn = Json.newObject().putArray("dependsOn");
        dependsOn.add(dataset);
        List<Descriptor> layers = model.manifest().layers();
        for (int i = 0; i < layers.size(); i++) {
            dependsOn.add(file(components.addObject(), layers.get(i), i));
        }
        root.putArray("dependencies").addObject().put("ref", reference).set("dependsOn", dependsOn);
        return root;
    }

    /** The hash is that of the layer as the registry has it, which anybody can check without unpacking. */
    private static String file(ObjectNode component, Descriptor layer, int position) {
        String reference = "layer:" + position;
        component.put("type", "file");
        component.put("bom-ref", reference);
        component.put("name", layer.annotation(MediaTypes.MODEL_FILEPATH).orElse("layer " + position));
        component.put("mime-type", layer.mediaType());
        hash(component, layer.digest().hex());
        property(component.putArray("properties"), "sizeBytes", Long.toString(layer.size()));
        return reference;
    }

    private static void card(ObjectNode card, ModelMetadata metadata, String dataset) {
        ObjectNode parameters = card.putObject("modelParameters");
        parameters.putArray("datasets").addObject().put("ref", dataset);
        parameters
                .putArray("inputs")
                .addObject()
                .put("format", "tensor" + shape(metadata.model().inputShape()));
        parameters
                .putArray("outputs")
                .addObject()
                .put("format", "tensor" + shape(metadata.model().outputShape()));
    }

    private static void properties(ObjectNode component, ModelMetadata metadata) {
        ArrayNode properties = component.putArray("properties");
        property(properties, "variant", metadata.variant());
        property(properties, "format", metadata.model().format().jsonName());
        property(properties, "precision", metadata.model().precision().jsonName());
        metadata.capabilities().forEach(capability -> property(properties, "capability", capability));
        property(properties, "trainingRun", metadata.provenance().trainingRun());
        property(properties, "trainedAt", metadata.provenance().trainedAt().toString());
        property(properties, "trainedBy", metadata.provenance().trainedBy());
    }

    private static void property(ArrayNode properties, String name, String value) {
        properties.addObject().put("name", PROPERTY + name).put("value", value);
    }

    private static void hash(ObjectNode component, String hex) {
        component.putArray("hashes").addObject().put("alg", "SHA-256").put("content", hex);
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(n -> n < 0 ? "?" : n.toString()).collect(Collectors.joining(",", "[", "]"));
    }
}
