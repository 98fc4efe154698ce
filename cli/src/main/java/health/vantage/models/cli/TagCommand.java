package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.Repository;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model tag}: points tags at an artifact that is there. */
@Command(
        name = "tag",
        mixinStandardHelpOptions = true,
        description = "Points tags at an artifact; the same bytes, so the same digest and the same signatures.")
final class TagCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Option(names = "--promote", description = "Move the tags CAPABILITY-VARIANT of every capability it lists.")
    private boolean promote;

    @Parameters(index = "0", paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Parameters(index = "1..*", paramLabel = "TAG", description = "Tags to create or move.")
    private List<String> tags = List.of();

    @Override
    public Integer call() {
        if (tags.isEmpty() && !promote) {
            throw new IllegalArgumentException("Name at least one tag, or use --promote");
        }
        Repository repository = registries.open(reference);
        Digest digest = repository.head(RegistryFlags.wanted(reference));
        var pusher = new ModelPusher(repository);
        var out = spec.commandLine().getOut();
        for (String tag : tags) {
            Reference tagged = reference.withTag(tag);
            pusher.tag(digest, tag);
            out.println("moved " + tagged + " to " + digest);
        }
        if (promote) {
            pusher.promote(digest).forEach(tag -> out.println("moved " + reference.withTag(tag) + " to " + digest));
        }
        return 0;
    }
}
