package health.vantage.models.cli;

import health.vantage.models.artifact.ArtifactException.IntegrityMismatch;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
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

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        int damaged = 0;
        try (NodeCache nodeCache = cache.open()) {
            for (CachedModel model : nodeCache.contents()) {
                String name = ModelName.of(model);
                try {
                    nodeCache.verify(model.digest());
                    out.println("good     " + name);
                } catch (IntegrityMismatch e) {
                    damaged++;
                    out.println("damaged  " + name);
                    spec.commandLine().getErr().println(e.getMessage());
                }
            }
        }
        return damaged == 0 ? 0 : DAMAGED;
    }
}
