package health.vantage.models.runner.workstation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.resolve.Selector;
import health.vantage.models.runner.serve.Batching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads a workstation's file. Every error names the file and the path inside it, such as {@code models[1].version}. */
public final class WorkstationFile {
    private static final long MAX_BYTES = 256 * 1024;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
    private static final Set<String> TOP = Set.of(
            "registry",
            "variant",
            "publicKeys",
            "keyless",
            "attestations",
            "maxSeverity",
            "cacheFolder",
            "poll",
            "soak",
            "engines",
            "models");
    private static final Set<String> MODEL = Set.of(
            "name",
            "repository",
            "capabilities",
            "version",
            "digest",
            "variant",
            "soak",
            "maxErrorRate",
            "loadBeside",
            "instances",
            "batching");
    private static final Set<String> BATCHING = Set.of("maxBatchSize", "preferredBatchSizes", "maxQueueDelay");
    private static final YAMLMapper YAML = new YAMLMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());

    private final Path file;

    private WorkstationFile(Path file) {
        this.file = file;
    }

    /** @throws IllegalArgumentException naming the file, the path inside it, what is wrong and what belongs there */
    public static WorkstationConfig read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("it has more than " + MAX_BYTES + " bytes");
            }
            return new WorkstationFile(file).config(YAML.readTree(file.toFile()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    file + ": is no YAML at line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private WorkstationConfig config(JsonNode root) {
        YamlField top = new YamlField("", root).onlyKeys(TOP);
        List<ModelWish> models = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlField item : top.get("models").items()) {
            ModelWish wish = model(item.onlyKeys(MODEL), top);
            if (!names.add(wish.name())) {
                throw item.get("name").wrong("\"" + wish.name() + "\" is used twice");
            }
            models.add(wish);
        }
        if (models.isEmpty()) {
            throw top.get("models").wrong("at least one model belongs here");
        }
        return new WorkstationConfig(
                new VerificationFields(top, this::beside).read(),
                top.get("cacheFolder").optionalText().map(this::beside),
                top.get("poll").duration(Duration.ofMinutes(5), Duration.ofMillis(100), Duration.ofHours(24)),
                models,
                new EngineField(top.get("engines")).read());
    }

    private static ModelWish model(YamlField item, YamlField top) {
        String repository =
                repository(item.get("repository"), top.get("registry").optionalText());
        YamlField nameField = item.get("name");
        String name = nameField.optionalText().orElseGet(() -> Reference.parse(repository)
                .name());
        if (!NAME.matcher(name).matches()) {
            throw nameField.wrong("\"" + name + "\" is no model name: lower-case letters, digits, '-' and '.'");
        }
        YamlField variant = item.get("variant").given() ? item.get("variant") : top.get("variant");
        if (!variant.given()) {
            throw item.get("variant").wrong("is missing; write it here, or once for all models as variant");
        }
        if (!Reference.isTag(variant.text())) {
            throw variant.wrong("\"" + variant.text() + "\" cannot end a tag");
        }
        Duration soak = top.get("soak").duration(Duration.ofMinutes(1), Duration.ZERO, Duration.ofHours(24));
        return new ModelWish(
                name,
                repository,
                selector(item),
                variant.text(),
                item.get("soak").duration(soak, Duration.ZERO, Duration.ofHours(24)),
                item.get("maxErrorRate").share(0.01),
                item.get("loadBeside").flag(true),
                lane(item));
    }

    private static LaneWish lane(YamlField item) {
        YamlField instances = item.get("instances");
        YamlField batching = item.get("batching");
        return new LaneWish(
                instances.given() ? Optional.of(instances.number(1, 64)) : Optional.empty(),
                batching.given() ? Optional.of(batching(batching.onlyKeys(BATCHING))) : Optional.empty());
    }

    private static Batching batching(YamlField field) {
        List<Integer> preferred = field.get("preferredBatchSizes").items().stream()
                .map(item -> item.number(1, 4096))
                .toList();
        try {
            return new Batching(
                    field.get("maxBatchSize").number(2, 4096),
                    preferred,
                    field.get("maxQueueDelay").duration(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(10)));
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(field.path()) ? e : field.wrong(e.getMessage());
        }
    }

    private static String repository(YamlField field, Optional<String> registry) {
        String text = field.text();
        boolean whole = text.startsWith(Reference.LAYOUT) || registry.isEmpty();
        try {
            Reference reference = Reference.parse(whole ? text : registry.get().replaceFirst("/+$", "") + "/" + text);
            if (reference.tag().isPresent() || reference.digest().isPresent()) {
                throw field.wrong(text + " names a tag or digest; write capabilities, version or digest beside it");
            }
            return reference.toString();
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(field.path()) ? e : field.wrong(e.getMessage());
        }
    }

    private static Selector selector(YamlField item) {
        List<YamlField> given = List.of(item.get("capabilities"), item.get("version"), item.get("digest")).stream()
                .filter(YamlField::given)
                .toList();
        if (given.size() != 1) {
            throw item.wrong("exactly one of capabilities, version and digest belongs here, not " + given.size());
        }
        YamlField field = given.getFirst();
        try {
            return switch (field.path().substring(item.path().length() + 1)) {
                case "capabilities" ->
                    new Selector.Capabilities(
                            field.items().stream().map(YamlField::text).toList());
                case "version" -> new Selector.VersionRange(field.text());
                default -> new Selector.Pinned(Digest.parse(field.text()));
            };
        } catch (IllegalArgumentException e) {
            throw e.getMessage().startsWith(field.path()) ? e : field.wrong(e.getMessage());
        }
    }

    /** Relative paths are meant from the file, wherever the process was started. */
    private Path beside(String text) {
        return file.toAbsolutePath().resolveSibling(text).normalize();
    }
}
