package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.Repository;
import health.vantage.models.artifact.transfer.ArtifactCopy;
import java.io.IOException;
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

    @Mixin
    private MountFrom mountFrom;

    @Mixin
    private OutputFormat output;

    @Mixin
    private ProgressFlag progress;

    @Option(
            names = "--image",
            description =
                    "Also put a container image with the same layers beside each, under its tags with -oci added; see 'twin'.")
    private boolean image;

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
    public Integer call() throws IOException {
        Repository from = registries.open(source);
        Repository to = registries.open(target);
        FetchedManifest wanted = registries.fetch(from, source);
        var pusher = new ModelPusher(to);
        models(wanted)
                .forEach(digest -> pusher.checkName(
                        ModelReader.read(from, from.manifest(digest)).metadata()));
        PushReport report = new PushReport(target);
        try (var shown = progress.start()) {
            new ArtifactCopy(from, to, mountFrom.repositories(), shown.listener())
                    .copy(wanted.digest().toString());
            for (Digest digest : models(wanted)) {
                ModelMetadata metadata = pusher.publish(digest);
                long size = ModelReader.read(to, to.manifest(digest)).sizeBytes();
                report.add("pushed", metadata, digest, size, new PushedTags(pusher, image, promote));
            }
        }
        report.print(output, spec.commandLine().getOut());
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
