package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.progress.ProgressListener;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code model fsck}: every byte of a cache against the digests in the manifests. */
@Command(
        name = "fsck",
        mixinStandardHelpOptions = true,
        description =
                "Hashes every model in a cache back to the digests in its manifest. What is damaged is removed, and pulled again when it is next needed. Ends with 6 if something was damaged.")
final class FsckCommand implements Callable<Integer> {
    private static final int DAMAGED = 6;

    @Spec
    private CommandSpec spec;

    @Mixin
    private CacheFolderOption cache;

    @Mixin
    private OutputFormat output;

    @Mixin
    private ProgressFlag progress;

    @Override
    public Integer call() throws JsonProcessingException {
        ArrayNode facts = JsonNodeFactory.instance.arrayNode();
        var lines = new Lines();
        var errors = new Lines();
        boolean damaged = false;
        try (NodeCache nodeCache = cache.open();
                var shown = progress.start()) {
            List<CachedModel> models = nodeCache.contents();
            for (CachedModel model : models) {
                ObjectNode node = ModelName.facts(model, facts.addObject());
                try {
                    nodeCache.verify(model.digest(), of(model, shown.listener()));
                    node.put("state", "good");
                    lines.add("good     " + ModelName.of(model));
                } catch (IntegrityMismatch e) {
                    damaged = true;
                    node.put("state", "damaged").put("message", e.getMessage());
                    lines.add("damaged  " + ModelName.of(model));
                    errors.add(e.getMessage());
                }
            }
            if (models.isEmpty()) {
                lines.add("no models in " + cache);
            }
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        errors.print(spec.commandLine().getErr());
        return damaged ? DAMAGED : 0;
    }

    /** Files of several models are often called the same. */
    private static ProgressListener of(CachedModel model, ProgressListener listener) {
        return (file, done, total) ->
                listener.progress(file + " " + model.digest().shortHex(), done, total);
    }
}
