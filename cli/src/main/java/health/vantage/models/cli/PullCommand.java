package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.registry.Repository;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws JsonProcessingException {
        Repository repository = registries.open(reference);
        Digest digest = repository.manifest(RegistryFlags.wanted(reference)).digest();
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
}
