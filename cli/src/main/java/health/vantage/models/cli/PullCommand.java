package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.PullListener;
import health.vantage.models.artifact.registry.Repository;
import java.io.PrintWriter;
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

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress.")
    private boolean quiet;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() {
        Repository repository = registries.open(reference);
        Digest digest = repository.manifest(RegistryFlags.wanted(reference)).digest();
        PrintWriter err = spec.commandLine().getErr();
        PullListener listener = quiet || System.console() == null
                ? PullListener.NONE
                : (done, total) -> {
                    err.print("\r" + Bytes.of(done) + " of " + Bytes.of(total) + "   ");
                    err.flush();
                };
        try (NodeCache nodeCache = cache.open()) {
            CachedModel model = nodeCache.pull(repository, digest, listener);
            if (listener != PullListener.NONE) {
                err.println();
            }
            spec.commandLine().getOut().println(model.folder());
        }
        return 0;
    }
}
