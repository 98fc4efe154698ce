package health.vantage.models.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model diff}: what changes, and what a node that has the one must fetch for the other. */
@Command(
        name = "diff",
        mixinStandardHelpOptions = true,
        description = "Compares two models: metadata, files, and the bytes a node that has OLD must fetch for NEW.")
final class DiffCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Parameters(index = "0", paramLabel = "OLD", converter = ReferenceConverter.class)
    private Reference before;

    @Parameters(index = "1", paramLabel = "NEW", converter = ReferenceConverter.class)
    private Reference after;

    private record Change(String path, String before, String after) {}

    @Override
    public Integer call() throws IOException {
        ModelArtifact old = read(before);
        ModelArtifact other = read(after);
        List<Change> changes = new ArrayList<>();
        compare("$", json(old), json(other), changes);
        Set<Digest> had =
                old.manifest().layers().stream().map(Descriptor::digest).collect(Collectors.toSet());
        List<Descriptor> fetched = other.manifest().layers().stream()
                .filter(layer -> !had.contains(layer.digest()))
                .toList();
        long bytes = fetched.stream().mapToLong(Descriptor::size).sum();

        ObjectNode facts = Json.newObject();
        facts.put("old", old.digest().toString());
        facts.put("new", other.digest().toString());
        var list = facts.putArray("metadata");
        changes.forEach(c ->
                list.addObject().put("path", c.path()).put("old", c.before()).put("new", c.after()));
        var layers = facts.putArray("fetch");
        fetched.forEach(layer -> layers.addObject()
                .put("path", path(layer))
                .put("digest", layer.digest().toString())
                .put("sizeBytes", layer.size()));
        facts.put("fetchBytes", bytes);
        facts.put("sharedLayers", other.manifest().layers().size() - fetched.size());
        PrintWriter out = spec.commandLine().getOut();
        output.print(out, facts, () -> print(changes, other, fetched, bytes, out));
        return 0;
    }

    private ModelArtifact read(Reference reference) {
        Repository repository = registries.open(reference);
        return ModelReader.read(repository, registries.fetch(repository, reference));
    }

    private static JsonNode json(ModelArtifact model) {
        return Json.object(model.metadata().canonicalJson());
    }

    private static void compare(String path, JsonNode before, JsonNode after, List<Change> into) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compare(path + "." + name, before.path(name), after.path(name), into));
        } else {
            into.add(new Change(path, shown(before), shown(after)));
        }
    }

    private static String shown(JsonNode node) {
        return node.isMissingNode() ? "-" : node.isTextual() ? node.textValue() : node.toString();
    }

    private static String path(Descriptor layer) {
        return layer.annotation(MediaTypes.MODEL_FILEPATH).orElse(layer.digest().shortHex());
    }

    private static void print(
            List<Change> changes, ModelArtifact other, List<Descriptor> fetched, long bytes, PrintWriter out) {
        if (!changes.isEmpty()) {
            var table = new Table("METADATA", "OLD", "NEW");
            changes.forEach(change -> table.row(change.path(), change.before(), change.after()));
            table.print(out);
            out.println();
        }
        var files = new Table("FILE", "SIZE", "");
        for (Descriptor layer : other.manifest().layers()) {
            files.row(path(layer), Bytes.of(layer.size()), fetched.contains(layer) ? "to fetch" : "shared");
        }
        files.print(out);
        out.println();
        out.println("To fetch: " + Bytes.of(bytes) + " of " + Bytes.of(other.sizeBytes()));
    }
}
