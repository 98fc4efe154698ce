package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.model.TagNames;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model provenance}: from the model to the training run and the data set. */
@Command(
        name = "provenance",
        mixinStandardHelpOptions = true,
        description = {
            "Shows which training run and data set each model came from, oldest training first.",
            "Of one REFERENCE, or of every model in a repository. It is what the metadata says;",
            "'verify --attestation slsaprovenance1' checks it."
        })
final class ProvenanceCommand implements Callable<Integer> {
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

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws JsonProcessingException {
        Repository repository = registries.open(reference);
        List<String> wanted = reference.tagOrDigest().map(List::of).orElseGet(() -> repository.tags().stream()
                .filter(tag -> !TagNames.isBookkeeping(tag))
                .sorted()
                .toList());
        Map<Digest, ModelArtifact> models = new LinkedHashMap<>();
        wanted.stream().limit(limit).forEach(tag -> read(repository, repository.manifest(tag), models));
        if (models.isEmpty()) {
            throw new ArtifactException.TagNotFound("", List.of(), "There are no models in " + reference);
        }
        var table = new Table("VERSION", "VARIANT", "TRAINING RUN", "DATASET", "TRAINED", "BY", "DIGEST");
        ArrayNode facts = JsonNodeFactory.instance.arrayNode();
        models.values().stream()
                .sorted(Comparator.comparing(
                                (ModelArtifact m) -> m.metadata().provenance().trainedAt())
                        .thenComparing(m -> m.metadata().variant()))
                .forEach(model -> row(model, table, facts));
        var out = spec.commandLine().getOut();
        output.print(out, facts, () -> {
            table.print(out);
            if (wanted.size() > limit) {
                out.println("... and " + (wanted.size() - limit) + " more tags; see --limit");
            }
        });
        return 0;
    }

    private static void read(Repository repository, FetchedManifest fetched, Map<Digest, ModelArtifact> into) {
        if (fetched.parsed() instanceof Manifest.Index index) {
            index.manifests().forEach(entry -> {
                if (!into.containsKey(entry.digest())) {
                    into.put(entry.digest(), ModelReader.read(repository, repository.manifest(entry.digest())));
                }
            });
        } else if (!into.containsKey(fetched.digest())) {
            into.put(fetched.digest(), ModelReader.read(repository, fetched));
        }
    }

    private static void row(ModelArtifact model, Table table, ArrayNode facts) {
        var metadata = model.metadata();
        var provenance = metadata.provenance();
        facts.addObject()
                .put("name", metadata.name())
                .put("version", metadata.version())
                .put("variant", metadata.variant())
                .put("digest", model.digest().toString())
                .put("trainingRun", provenance.trainingRun())
                .put("dataset", provenance.dataset())
                .put("trainedAt", provenance.trainedAt().toString())
                .put("trainedBy", provenance.trainedBy());
        table.row(
                metadata.version(),
                metadata.variant(),
                provenance.trainingRun(),
                provenance.dataset(),
                provenance.trainedAt(),
                provenance.trainedBy(),
                model.digest().shortHex());
    }
}
