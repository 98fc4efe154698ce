package health.vantage.models.cli;

import health.vantage.models.artifact.Reference;
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

    @Parameters(index = "0", paramLabel = "SOURCE", converter = ReferenceConverter.class)
    private Reference source;

    @Parameters(
            index = "1",
            paramLabel = "TARGET",
            converter = ReferenceConverter.class,
            description = "A repository; without a tag, the source's tag is used.")
    private Reference target;

    @Override
    public Integer call() {
        Repository to = registries.open(target);
        FetchedManifest copied = new ArtifactCopy(registries.open(source), to).copy(RegistryFlags.wanted(source));
        Optional<String> tag = target.tag().or(source::tag);
        tag.ifPresent(t -> to.putManifest(t, copied.mediaType(), copied.bytes()));
        Reference named = tag.map(target::withTag).orElseGet(() -> target.withDigest(copied.digest()));
        spec.commandLine().getOut().println("copied " + named + " " + copied.digest());
        return 0;
    }
}
