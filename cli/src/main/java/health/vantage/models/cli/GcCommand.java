package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.cache.CachedModel;
import health.vantage.models.artifact.cache.NodeCache;
import health.vantage.models.artifact.cache.Watermarks;
import health.vantage.models.artifact.json.Json;
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
            "For a cache that 'kubectl model pull' filled. On a node the runner does this itself, and knows what it serves."
        })
final class GcCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private CacheFolderOption cache;

    @Mixin
    private OutputFormat output;

    @Option(
            names = "--keep",
            paramLabel = "N",
            defaultValue = "3",
            description = "Newest versions to keep of each model and variant (default: ${DEFAULT-VALUE}).")
    private int most;

    @Option(
            names = "--high",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "Remove others only if all models take more than this, such as 40G; without it, all others go.")
    private Long high;

    @Option(
            names = "--low",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description =
                    "Then remove the least recently used until they take no more than this (default: 4/5 of --high).")
    private Long low;

    @Option(names = "--dry-run", description = "Only say what would be removed.")
    private boolean dryRun;

    @Override
    public Integer call() throws JsonProcessingException {
        if (most < 0) {
            throw new IllegalArgumentException("--keep must be 0 or more, not " + most);
        }
        if (high == null && low != null) {
            throw new IllegalArgumentException("--low needs --high: it says where removing ends, not where it begins");
        }
        Watermarks marks = high == null ? Watermarks.NO_SPARE : new Watermarks(high, low == null ? high / 5 * 4 : low);
        ObjectNode facts = Json.newObject().put("dryRun", dryRun);
        var kept = facts.putArray("kept");
        var removed = facts.putArray("removed");
        var lines = new Lines();
        try (NodeCache nodeCache = cache.open()) {
            List<CachedModel> all = nodeCache.contents();
            Set<Digest> gone =
                    Set.copyOf(dryRun ? nodeCache.wouldPrune(newest(all), marks) : nodeCache.prune(newest(all), marks));
            for (CachedModel model : all) {
                boolean went = gone.contains(model.digest());
                ModelName.facts(model, (went ? removed : kept).addObject());
                lines.add((went ? "remove  " : "keep    ") + ModelName.of(model));
            }
            if (all.isEmpty()) {
                lines.add("no models in " + cache);
            }
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }

    private Set<Digest> newest(List<CachedModel> all) {
        Set<Digest> keep = new HashSet<>();
        all.stream()
                .collect(Collectors.groupingBy(
                        m -> m.metadata().name() + "/" + m.metadata().variant()))
                .values()
                .forEach(versions -> versions.stream()
                        .sorted(Comparator.comparing(GcCommand::version).reversed())
                        .limit(most)
                        .forEach(model -> keep.add(model.digest())));
        return keep;
    }

    /** Metadata is checked when it is read, so its version is one. */
    private static Semver version(CachedModel model) {
        return Semver.parse(model.metadata().version());
    }
}
