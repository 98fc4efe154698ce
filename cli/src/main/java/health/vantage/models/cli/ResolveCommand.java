package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.resolve.Resolution;
import health.vantage.models.artifact.resolve.Resolver;
import health.vantage.models.artifact.resolve.Selector;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model resolve}: what a deployment would get. */
@Command(
        name = "resolve",
        mixinStandardHelpOptions = true,
        description = "Tells which artifacts a deployment with this selector would get, or why none.",
        footer = {
            "",
            "Example:",
            "  kubectl model resolve registry.example.com/vantage/retina-seg --capability cv3 --variant jetson,rtx"
        })
final class ResolveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    /** Exactly one of them. */
    static final class Wanted {
        @Option(
                names = "--capability",
                split = ",",
                paramLabel = "NAME",
                description = "A capability it must have; may be repeated.")
        private List<String> capabilities;

        @Option(
                names = "--range",
                paramLabel = "RANGE",
                description = "The newest version in this range, such as ~2.4.")
        private String range;

        @Option(names = "--digest", paramLabel = "DIGEST", description = "Exactly this manifest or index.")
        private String digest;

        Selector selector() {
            if (capabilities != null) {
                return new Selector.Capabilities(capabilities);
            }
            return range != null ? new Selector.VersionRange(range) : new Selector.Pinned(Digest.parse(digest));
        }
    }

    @ArgGroup(multiplicity = "1")
    private Wanted wanted;

    @Option(
            names = "--variant",
            split = ",",
            required = true,
            paramLabel = "NAME",
            description = "A variant that must be there; may be repeated.")
    private List<String> variants;

    @Parameters(paramLabel = "REPOSITORY", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws JsonProcessingException {
        Resolution resolution = new Resolver().resolve(registries.open(reference), wanted.selector(), variants);
        ObjectNode facts = Json.newObject();
        facts.put("version", resolution.version());
        var artifacts = facts.putArray("artifacts");
        var table = new Table("VARIANT", "VERSION", "TAG", "VRAM", "SIZE", "DIGEST");
        resolution.byVariant().values().forEach(artifact -> {
            ObjectNode node = artifacts.addObject();
            node.put("variant", artifact.variant());
            artifact.tag().ifPresent(tag -> node.put("tag", tag));
            node.put("digest", artifact.digest().toString());
            node.put("sizeBytes", artifact.sizeBytes());
            node.set("metadata", Json.object(artifact.metadata().canonicalJson()));
            table.row(
                    artifact.variant(),
                    resolution.version(),
                    artifact.tag().orElse("-"),
                    artifact.metadata().model().vramMiB() + " MiB",
                    Bytes.of(artifact.sizeBytes()),
                    artifact.digest());
        });
        var out = spec.commandLine().getOut();
        var why = facts.putArray("why");
        resolution.why().forEach(why::add);
        output.print(out, facts, () -> {
            table.print(out);
            resolution.why().forEach(sentence -> out.println("because " + sentence));
        });
        return 0;
    }
}
