package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.transfer.ArtifactCopy;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model push}: a packed version becomes a version in a registry. */
@Command(
        name = "push",
        mixinStandardHelpOptions = true,
        description =
                "Pushes a packed version (or a release with all its variants), with its signatures, as that version.",
        footer = {
            "",
            "Example:",
            "  kubectl model push oci:./retina-seg:2.4.1 registry.example.com/vantage/retina-seg --promote"
        })
final class PushCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Option(names = "--promote", description = "Also move the tags CAPABILITY-VARIANT, which deployments follow.")
    private boolean promote;

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            converter = ReferenceConverter.class,
            description = "What to push, with its tag or digest.")
    private Reference source;

    @Parameters(
            index = "1",
            paramLabel = "REPOSITORY",
            converter = ReferenceConverter.class,
            description = "Where to; its last part is the model's name.")
    private Reference target;

    @Override
    public Integer call() {
        Repository to = registries.open(target);
        FetchedManifest pushed = new ArtifactCopy(registries.open(source), to).copy(RegistryFlags.wanted(source));
        var pusher = new ModelPusher(to);
        var out = spec.commandLine().getOut();
        for (Digest digest : models(pushed)) {
            out.println("pushed " + target.withTag(ModelPusher.alias(pusher.publish(digest))) + " " + digest);
            if (promote) {
                pusher.promote(digest).forEach(tag -> out.println("moved " + target.withTag(tag)));
            }
        }
        return 0;
    }

    private static List<Digest> models(FetchedManifest pushed) {
        return switch (pushed.parsed()) {
            case Manifest.Artifact _ -> List.of(pushed.digest());
            case Manifest.Index index ->
                index.manifests().stream().map(entry -> entry.digest()).toList();
        };
    }
}
