package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model pull}: brings a model onto this machine, the way a node does it. */
@Command(
        name = "pull",
        mixinStandardHelpOptions = true,
        description =
                "Pulls a model into a cache folder, continuing an interrupted pull, and prints where its files are.")
final class PullCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private CacheFolderOption cache;

    @Mixin
    private OutputFormat output;

    @Mixin
    private ProgressFlag progress;

    @Option(names = "--variant", paramLabel = "NAME", description = "Which variant, if REFERENCE is a release.")
    private String variant;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws JsonProcessingException {
        Repository repository = registries.open(reference);
        Digest digest = model(registries.fetch(repository, reference));
        CachedModel model;
        try (NodeCache nodeCache = cache.open();
                var shown = progress.start()) {
            model = nodeCache.pull(repository, digest, shown.pullListener());
        }
        ObjectNode facts = Json.newObject();
        facts.put("digest", digest.toString());
        facts.put("folder", model.folder().toString());
        facts.put("sizeBytes", model.sizeBytes());
        var files = facts.putArray("files");
        model.files().forEach(file -> files.addObject()
                .put("path", file.path())
                .put("sizeBytes", file.sizeBytes())
                .put("weight", file.weight()));
        output.print(spec.commandLine().getOut(), facts, out -> out.println(model.folder()));
        return 0;
    }

    /** The model itself; of a release the variant asked for, or its only one. */
    private Digest model(FetchedManifest fetched) {
        if (!(fetched.parsed() instanceof Manifest.Index index)) {
            return fetched.digest();
        }
        List<String> there = index.manifests().stream()
                .map(PullCommand::variant)
                .flatMap(Optional::stream)
                .toList();
        List<Descriptor> chosen = index.manifests().stream()
                .filter(entry -> variant == null
                        || variant(entry).filter(variant::equals).isPresent())
                .toList();
        if (chosen.size() != 1) {
            throw new IllegalArgumentException(reference + " is a release of the variants " + String.join(", ", there)
                    + "; choose one with --variant");
        }
        return chosen.getFirst().digest();
    }

    private static Optional<String> variant(Descriptor entry) {
        return entry.annotation(ModelMetadata.VARIANT_ANNOTATION);
    }
}
