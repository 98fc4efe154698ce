package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.Repository;
import java.util.ArrayList;
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

    @Mixin
    private OutputFormat output;

    @Option(names = "--promote", description = "Move the tags CAPABILITY-VARIANT of every capability it lists.")
    private boolean promote;

    @Parameters(index = "0", paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Parameters(index = "1..*", paramLabel = "TAG", description = "Tags to create or move.")
    private List<String> tags = List.of();

    @Override
    public Integer call() throws JsonProcessingException {
        if (tags.isEmpty() && !promote) {
            throw new IllegalArgumentException("Name at least one tag, or use --promote");
        }
        Repository repository = registries.open(reference);
        Digest digest = registries.fetch(repository, reference).digest();
        var pusher = new ModelPusher(repository);
        var moved = new ArrayList<String>();
        for (String tag : tags) {
            // What is no tag is refused before the first one moves.
            moved.add(reference.withTag(tag).tag().orElseThrow());
        }
        moved.forEach(tag -> pusher.tag(digest, tag));
        if (promote) {
            moved.addAll(pusher.promote(digest));
        }
        ObjectNode facts = Json.newObject().put("digest", digest.toString());
        var list = facts.putArray("tags");
        var lines = new Lines();
        for (String tag : moved) {
            list.add(tag);
            lines.add("moved " + reference.withTag(tag) + " to " + digest);
        }
        output.print(spec.commandLine().getOut(), facts, lines::print);
        return 0;
    }
}
