package health.vantage.models.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.transfer.ArtifactCopy;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model copy}: byte for byte, with signatures. */
@Command(
        name = "copy",
        aliases = "cp",
        mixinStandardHelpOptions = true,
        description = "Copies an artifact or a release, byte for byte, with signatures and everything attached.",
        footer = {
            "",
            "Onto a stick, and into a clinic's registry:",
            "  kubectl model copy registry.example.com/vantage/retina-seg:2.4.1 oci:/mnt/stick/retina-seg",
            "  kubectl model copy oci:/mnt/stick/retina-seg:2.4.1 registry.clinic.local/vantage/retina-seg"
        })
final class CopyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private MountFrom mountFrom;

    @Mixin
    private OutputFormat output;

    @Mixin
    private ProgressFlag progress;

    @Parameters(index = "0", paramLabel = "SOURCE", converter = ReferenceConverter.class)
    private Reference source;

    @Parameters(
            index = "1",
            paramLabel = "TARGET",
            converter = ReferenceConverter.class,
            description = "A repository; without a tag, the source's tag is used.")
    private Reference target;

    @Override
    public Integer call() throws JsonProcessingException {
        Repository from = registries.open(source);
        Repository to = registries.open(target);
        FetchedManifest wanted = registries.fetch(from, source);
        FetchedManifest copied;
        try (var shown = progress.start()) {
            copied = new ArtifactCopy(from, to, mountFrom.repositories(), shown.listener())
                    .copy(wanted.digest().toString());
        }
        Optional<String> tag = target.tag().or(source::tag);
        // The same bytes; and an image that is beside what was under this tag goes along.
        tag.ifPresent(t -> new ModelPusher(to).tag(copied.digest(), t));
        Reference named = tag.map(target::withTag).orElseGet(() -> target.withDigest(copied.digest()));
        ObjectNode facts = Json.newObject();
        facts.put("reference", named.toString());
        facts.put("digest", copied.digest().toString());
        output.print(spec.commandLine().getOut(), facts, out -> out.println("copied " + named + " " + copied.digest()));
        return 0;
    }
}
