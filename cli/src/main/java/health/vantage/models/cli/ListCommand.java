package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model ls}: what is in a repository. */
@Command(
        name = "ls",
        aliases = "list",
        mixinStandardHelpOptions = true,
        description = "Lists a repository's models by tag.")
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "200",
            description = "Most tags to look at (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Parameters(paramLabel = "REPOSITORY", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws JsonProcessingException {
        Repository repository = registries.open(reference);
        List<String> tags = repository.tags().stream()
                .filter(tag -> !tag.startsWith("sha256-"))
                .sorted()
                .toList();
        if (tags.isEmpty()) {
            throw new ArtifactException.TagNotFound(
                    "", List.of(), "There are no tags in " + repository.reference() + ", or it does not exist");
        }
        var table = new Table("TAG", "KIND", "VERSION", "VARIANT", "FORMAT", "PRECISION", "VRAM", "SIZE", "DIGEST");
        ArrayNode facts = JsonNodeFactory.instance.arrayNode();
        for (String tag : tags.stream().limit(limit).toList()) {
            FetchedManifest manifest = repository.manifest(tag);
            row(repository, tag, manifest, table, facts.addObject());
        }
        var out = spec.commandLine().getOut();
        output.print(out, facts, () -> {
            table.print(out);
            if (tags.size() > limit) {
                out.println("... and " + (tags.size() - limit) + " more; see --limit");
            }
        });
        return 0;
    }

    private static void row(
            Repository repository, String tag, FetchedManifest manifest, Table table, ObjectNode facts) {
        facts.put("tag", tag);
        facts.put("digest", manifest.digest().toString());
        String digest = manifest.digest().shortHex();
        if (manifest.parsed() instanceof Manifest.Index index) {
            facts.put("kind", "release");
            facts.put("variants", index.manifests().size());
            table.row(tag, "release", "-", index.manifests().size() + " variants", "-", "-", "-", "-", digest);
            return;
        }
        try {
            ModelArtifact model = ModelReader.read(repository, manifest);
            var metadata = model.metadata();
            facts.put("kind", "model");
            facts.put("sizeBytes", model.sizeBytes());
            facts.put("version", metadata.version());
            facts.put("variant", metadata.variant());
            table.row(
                    tag,
                    "model",
                    metadata.version(),
                    metadata.variant(),
                    metadata.model().format().jsonName(),
                    metadata.model().precision().jsonName(),
                    metadata.model().vramMiB() + " MiB",
                    Bytes.of(model.sizeBytes()),
                    digest);
        } catch (ArtifactException.UnsupportedArtifact | ArtifactException.InvalidMetadata e) {
            facts.put("kind", "other");
            facts.put("reason", e.reason());
            table.row(tag, e.reason(), "-", "-", "-", "-", "-", "-", digest);
        }
    }
}
