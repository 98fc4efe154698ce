package health.vantage.models.artifact.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.InvalidMetadata;
import health.vantage.models.artifact.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.semver4j.Semver;

/** Reads metadata and collects every problem with its JSON path, so that one round of repair is enough. */
final class MetadataReader {
    static final int LONGEST = 256 << 10;
    private static final int LONGEST_TEXT = 1024;
    private static final int MOST_ITEMS = 256;
    private static final int MOST_DIMENSIONS = 16;
    private static final double MOST_VRAM_GB = 4096;
    private static final double MOST_LATENCY_MS = 86_400_000;
    /** A label is part of a tag ({@code cv3-jetson}), so it must be able to be one. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,62}");

    /** Not one whose tags ({@code 2.4.1-VARIANT}) would be taken for those of image twins ({@code 2.4.1-jetson-oci}). */
    private static final Pattern VARIANT = Pattern.compile("(?!(?:.*-)?oci$)[A-Za-z0-9_][A-Za-z0-9._-]{0,62}");

    private static final Pattern DEVICE = Pattern.compile("\\p{Graph}(?:[\\p{Graph} ]{0,126}\\p{Graph})?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:[._-]+[a-z0-9]+)*");
    private static final Pattern PLATFORM_VERSION = Pattern.compile("[0-9]{1,4}(?:\\.[0-9]{1,6}){0,3}");

    private final List<String> problems = new ArrayList<>();

    private MetadataReader() {}

    static ModelMetadata read(byte[] json) {
        if (json.length > LONGEST) {
            throw new InvalidMetadata(
                    "The model metadata has " + json.length + " bytes; at most " + LONGEST + " are allowed",
                    List.of("$: too long"));
        }
        ObjectNode root;
        try {
            root = Json.object(json);
        } catch (Json.NotJson e) {
            throw new InvalidMetadata("The model metadata is " + e.getMessage(), List.of("$: " + e.getMessage()));
        }
        var reader = new MetadataReader();
        ModelMetadata metadata = reader.metadata(root);
        if (!reader.problems.isEmpty()) {
            throw new InvalidMetadata(
                    "The model metadata is not valid: " + String.join("; ", reader.problems), reader.problems);
        }
        return metadata;
    }

    private ModelMetadata metadata(ObjectNode root) {
        return new ModelMetadata(
                matching(
                        root,
                        "$",
                        "name",
                        NAME,
                        "a repository's last path part: lower-case letters, digits, '.', '_', '-'"),
                version(root),
                matching(
                        root,
                        "$",
                        "variant",
                        VARIANT,
                        "letters, digits, '.', '_', '-', at most 63, and not end like an image twin's tag (oci)"),
                model(object(root, "model")),
                strings(root, "$", "capabilities", LABEL, "a label of letters, digits, '.', '_', '-', at most 63"),
                provenance(object(root, "provenance")),
                deployment(object(root, "deployment")));
    }

    private ModelMetadata.Model model(ObjectNode model) {
        if (model == null) {
            return null;
        }
        return new ModelMetadata.Model(
                named(model, "format", ModelFormat::fromJson),
                named(model, "precision", Precision::fromJson),
                shape(model, "inputShape"),
                shape(model, "outputShape"),
                positive(model, "vramGB", MOST_VRAM_GB),
                positive(model, "latencyMs", MOST_LATENCY_MS));
    }

    private ModelMetadata.Provenance provenance(ObjectNode provenance) {
        if (provenance == null) {
            return null;
        }
        String at = "$.provenance";
        return new ModelMetadata.Provenance(
                text(provenance, at, "trainingRun"),
                text(provenance, at, "dataset"),
                instant(provenance, at, "trainedAt"),
                text(provenance, at, "trainedBy"));
    }

    private ModelMetadata.Deployment deployment(ObjectNode deployment) {
        if (deployment == null) {
            return null;
        }
        return new ModelMetadata.Deployment(
                strings(
                        deployment,
                        "$.deployment",
                        "targets",
                        DEVICE,
                        "a device or tier name of at most 128 characters"),
                platformVersion(deployment, "minCudaVersion"),
                platformVersion(deployment, "minTensorRTVersion"));
    }

    private ObjectNode object(ObjectNode parent, String field) {
        JsonNode node = parent.get(field);
        if (node instanceof ObjectNode object) {
            return object;
        }
        problems.add("$." + field + ": " + (absent(node) ? "is missing" : "must be an object, is " + kind(node)));
        return null;
    }

    private String text(ObjectNode parent, String at, String field) {
        JsonNode node = parent.get(field);
        String path = at + "." + field;
        if (absent(node)) {
            problems.add(path + ": is missing");
        } else if (!node.isTextual()) {
            problems.add(path + ": must be a string, is " + kind(node));
        } else if (node.textValue().isBlank()) {
            problems.add(path + ": must not be empty");
        } else if (node.textValue().length() > LONGEST_TEXT) {
            problems.add(path + ": has " + node.textValue().length() + " characters, at most " + LONGEST_TEXT);
        } else if (node.textValue().chars().anyMatch(Character::isISOControl)) {
            problems.add(path + ": must not contain control characters");
        } else {
            return node.textValue();
        }
        return null;
    }

    private String matching(ObjectNode parent, String at, String field, Pattern form, String words) {
        String value = text(parent, at, field);
        if (value != null && !form.matcher(value).matches()) {
            problems.add(at + "." + field + ": must be " + words + ", is '" + value + "'");
            return null;
        }
        return value;
    }

    private String version(ObjectNode root) {
        String value = text(root, "$", "version");
        // The library forgives a leading 'v' and spaces; then one version would have two spellings.
        if (value != null && !(Character.isDigit(value.charAt(0)) && Semver.isValid(value) && value.length() <= 100)) {
            problems.add("$.version: must be a semantic version such as 2.4.1, is '" + value + "'");
            return null;
        }
        return value;
    }

    private String platformVersion(ObjectNode deployment, String field) {
        if (absent(deployment.get(field))) {
            return null;
        }
        return matching(deployment, "$.deployment", field, PLATFORM_VERSION, "a version such as 12.6");
    }

    private <T> T named(ObjectNode model, String field, Function<String, T> parse) {
        String value = text(model, "$.model", field);
        if (value == null) {
            return null;
        }
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            problems.add("$.model." + field + ": " + e.getMessage());
            return null;
        }
    }

    private double positive(ObjectNode model, String field, double most) {
        JsonNode node = model.get(field);
        String path = "$.model." + field;
        if (absent(node)) {
            problems.add(path + ": is missing");
        } else if (!node.isNumber()) {
            problems.add(path + ": must be a number, is " + kind(node));
        } else if (!(node.doubleValue() > 0)) {
            problems.add(path + ": must be > 0, is " + node.asText());
        } else if (node.doubleValue() > most) {
            problems.add(path + ": must be <= " + (long) most + ", is " + node.asText());
        } else {
            return node.doubleValue();
        }
        return Double.NaN;
    }

    private List<Long> shape(ObjectNode model, String field) {
        String path = "$.model." + field;
        List<Long> shape = new ArrayList<>();
        JsonNode node = array(model, path, field, MOST_DIMENSIONS);
        if (node == null) {
            return shape;
        }
        if (node.isEmpty()) {
            problems.add(path + ": must have at least one dimension");
        }
        for (int i = 0; i < node.size(); i++) {
            JsonNode size = node.get(i);
            boolean whole = size.isIntegralNumber() && size.canConvertToLong();
            if (!whole || size.longValue() == 0 || size.longValue() < -1) {
                problems.add(path + "[" + i + "]: must be a positive whole number, or -1 for a dynamic size, is "
                        + (size.isValueNode() ? size.asText() : kind(size)));
            } else {
                shape.add(size.longValue());
            }
        }
        return shape;
    }

    private List<String> strings(ObjectNode parent, String at, String field, Pattern form, String words) {
        String path = at + "." + field;
        List<String> labels = new ArrayList<>();
        JsonNode node = array(parent, path, field, MOST_ITEMS);
        if (node == null) {
            return labels;
        }
        for (int i = 0; i < node.size(); i++) {
            JsonNode item = node.get(i);
            if (!item.isTextual() || !form.matcher(item.textValue()).matches()) {
                problems.add(path + "[" + i + "]: must be " + words + ", is "
                        + (item.isTextual() ? "'" + item.textValue() + "'" : kind(item)));
            } else if (labels.contains(item.textValue())) {
                problems.add(path + "[" + i + "]: '" + item.textValue() + "' is listed twice");
            } else {
                labels.add(item.textValue());
            }
        }
        return labels;
    }

    private JsonNode array(ObjectNode parent, String path, String field, int most) {
        JsonNode node = parent.get(field);
        if (absent(node)) {
            problems.add(path + ": is missing");
        } else if (!node.isArray()) {
            problems.add(path + ": must be an array, is " + kind(node));
        } else if (node.size() > most) {
            problems.add(path + ": has " + node.size() + " items, at most " + most);
        } else {
            return node;
        }
        return null;
    }

    private Instant instant(ObjectNode parent, String at, String field) {
        String value = text(parent, at, field);
        if (value == null) {
            return null;
        }
        try {
            return value.length() == 10
                    ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(value).toInstant();
        } catch (DateTimeException e) {
            problems.add(
                    at + "." + field + ": must be a date or time such as 2026-01-31T08:00:00Z, is '" + value + "'");
            return null;
        }
    }

    private static boolean absent(JsonNode node) {
        return node == null || node.isNull() || node.isMissingNode();
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case STRING, BINARY -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL, MISSING -> "null";
        };
    }
}
