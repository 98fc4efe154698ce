package health.vantage.models.cli;

import health.vantage.models.artifact.cache.CacheLimits;
import health.vantage.models.artifact.cache.NodeCache;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --cache}: the same on every command that has to do with one. */
final class CacheFolderOption {
    @Option(
            names = "--cache",
            paramLabel = "FOLDER",
            description = "The cache folder (default: ~/.cache/kubectl-model).")
    private Path folder = Path.of(System.getProperty("user.home"), ".cache", "kubectl-model");

    @Override
    public String toString() {
        return folder.toString();
    }

    NodeCache open() {
        return NodeCache.open(folder, CacheLimits.defaults());
    }
}
