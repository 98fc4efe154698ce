package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.semver4j.Semver;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code model gc}: makes room in a cache. */
@Command(
        name = "gc",
        mixinStandardHelpOptions = true,
        description =
                "Removes old versions from a cache, with the files that no other model shares, and what interrupted pulls left.",
        footer = {
            "",
            "For a cache that 'model pull' filled. On a node the runner does this itself, and knows what it serves."
        })
final class GcCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private CacheFolderOption cache;

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "3",
            description = "Newest versions to keep of each model and variant (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(names = "--dry-run", description = "Only say what would be removed.")
    private boolean dryRun;

    @Override
    public Integer call() {
        if (most < 0) {
            throw new IllegalArgumentException("--keep must be 0 or more, not " + most);
        }
        try (NodeCache nodeCache = cache.open()) {
            List<CachedModel> all = nodeCache.contents();
            Set<Digest> keep = new HashSet<>();
            all.stream()
                    .collect(Collectors.groupingBy(
                            m -> m.metadata().name() + "/" + m.metadata().variant()))
                    .values()
                    .forEach(versions -> versions.stream()
                            .sorted(Comparator.comparing(GcCommand::version).reversed())
                            .limit(most)
                            .forEach(model -> keep.add(model.digest())));
            for (CachedModel model : all) {
                boolean kept = keep.contains(model.digest());
                spec.commandLine().getOut().println((kept ? "keep    " : "remove  ") + ModelName.of(model));
            }
            if (!dryRun) {
                nodeCache.prune(keep);
            }
        }
        return 0;
    }

    /** Metadata is checked when it is read, so its version is one. */
    private static Semver version(CachedModel model) {
        return Semver.parse(model.metadata().version());
    }
}
