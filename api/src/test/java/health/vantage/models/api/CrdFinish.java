package health.vantage.models.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the generator of fabric8 7.5.2 cannot say: columns in reading order, lists that merge by a key, and rules that
 * it emits twice.
 */
final class CrdFinish implements CRDPostProcessor {
    /** Lists whose elements are told apart by a key: server-side apply merges them element by element. */
    private static final Map<String, String> LIST_KEYS = Map.of("conditions", "type", "models", "name");

    private static final Map<String, List<CustomResourceColumnDefinition>> COLUMNS = Map.of(
            "ModelDeployment",
                    List.of(
                            column("Model", ".status.model"),
                            column("Version", ".status.version"),
                            column("Tiers", ".status.tiers"),
                            column("Nodes", ".status.nodes"),
                            column("Phase", ".status.phase"),
                            column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
                            age(),
                            wide("Digest", ".status.digest"),
                            wide("Epoch", ".status.rollout.epoch"),
                            wide("Reason", ".status.reason")),
            "ModelRevision",
                    List.of(
                            column("Model", ".spec.model"),
                            column("Version", ".spec.version"),
                            column("Outcome", ".status.outcome"),
                            column("Confirmed", ".status.confirmedAt"),
                            column("Retired", ".status.retiredAt"),
                            age(),
                            wide("Training run", ".spec.trainingRun"),
                            wide("Dataset", ".spec.dataset")),
            "ModelNode",
                    List.of(
                            column("Tier", ".spec.tier"),
                            column("Models", ".status.models[*].name"),
                            column("Version", ".status.models[*].activeVersion"),
                            column("State", ".status.models[*].state"),
                            column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
                            age(),
                            wide("Reason", ".status.models[*].reason")),
            "ComputeTier",
                    List.of(
                            column("Variant", ".spec.variant"),
                            column("Runners", ".status.summary"),
                            column("Ready", ".status.conditions[?(@.type==\"Ready\")].status"),
                            age(),
                            wide("Image", ".spec.runner.image")));

    @Override
    public HasMetadata process(HasMetadata resource, String crdSpecVersion) {
        var crd = (CustomResourceDefinition) resource;
        for (var version : crd.getSpec().getVersions()) {
            version.setAdditionalPrinterColumns(
                    COLUMNS.get(crd.getSpec().getNames().getKind()));
            JSONSchemaProps schema = version.getSchema().getOpenAPIV3Schema();
            finish(schema);
            // An object nobody has looked at yet must not count as current: kstatus (Argo CD, Flux, Helm) waits on -1.
            JSONSchemaProps status = schema.getProperties().get("status");
            if (status.getProperties().containsKey("observedGeneration")) {
                status.setDefault(JsonNodeFactory.instance.objectNode().put("observedGeneration", -1));
            }
        }
        return crd;
    }

    private static void finish(JSONSchemaProps schema) {
        if (schema.getXKubernetesValidations() != null) {
            var once = new LinkedHashMap<String, ValidationRule>();
            schema.getXKubernetesValidations().forEach(rule -> once.put(rule.getRule(), rule));
            schema.setXKubernetesValidations(List.copyOf(once.values()));
        }
        if (schema.getProperties() == null) {
            return;
        }
        schema.getProperties().forEach((name, property) -> {
            finish(property);
            if (property.getItems() != null) {
                JSONSchemaProps item = property.getItems().getSchema();
                finish(item);
                String key = LIST_KEYS.get(name);
                if (key != null && "object".equals(item.getType())) {
                    property.setXKubernetesListType("map");
                    property.setXKubernetesListMapKeys(List.of(key));
                    // A server-side apply that removes a list's last entry leaves null, not an empty list: refused,
                    // unless
                    // it may be null.
                    property.setNullable(true);
                }
            }
        });
    }

    private static CustomResourceColumnDefinition column(String name, String path) {
        return new CustomResourceColumnDefinitionBuilder()
                .withName(name)
                .withType("string")
                .withJsonPath(path)
                .build();
    }

    private static CustomResourceColumnDefinition wide(String name, String path) {
        return new CustomResourceColumnDefinitionBuilder(column(name, path))
                .withPriority(1)
                .build();
    }

    private static CustomResourceColumnDefinition age() {
        return new CustomResourceColumnDefinitionBuilder(column("Age", ".metadata.creationTimestamp"))
                .withType("date")
                .build();
    }
}
