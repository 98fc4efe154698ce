package health.vantage.models.cli;

import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.pack.Compression;
import health.vantage.models.artifact.pack.ModelFile;
import health.vantage.models.artifact.pack.ModelPacker;
import health.vantage.models.artifact.pack.ModelPusher;
import health.vantage.models.artifact.pack.PackedModel;
import health.vantage.models.artifact.registry.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model pack}: files and metadata become an artifact in a folder or registry. */
@Command(
        name = "pack",
        mixinStandardHelpOptions = true,
        description =
                "Packs a model's files and metadata, as version VERSION-VARIANT and in the release index VERSION.",
        footer = {
            "",
            "Example:",
            "  kubectl model pack -m metadata.json -w retina.onnx --golden golden/ oci:./retina-seg"
        })
final class PackCommand implements Callable<Integer> {
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
            names = {"-m", "--metadata"},
            required = true,
            paramLabel = "JSON",
            description = "The model's metadata.")
    private Path metadata;

    @Option(
            names = {"-w", "--weight"},
            required = true,
            paramLabel = "FILE",
            description = "A file with weights; may be repeated.")
    private List<Path> weights;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "A file the weights need, such as labels; may be repeated.")
    private List<Path> configs = List.of();

    @Option(names = "--doc", paramLabel = "FILE", description = "A document, such as a model card; may be repeated.")
    private List<Path> docs = List.of();

    @Option(
            names = "--golden",
            paramLabel = "FOLDER",
            description = "The golden sample that nodes check the model with: sample.json and its .bin files.")
    private Path golden;

    @Option(names = "--sbom", paramLabel = "JSON", description = "A CycloneDX SBOM to attach.")
    private Path sbom;

    @Option(names = "--no-compress", description = "Leave layers uncompressed.")
    private boolean plain;

    @Option(
            names = "--image",
            description =
                    "Also put a container image with the same layers beside it, under its tags with -oci added; see 'twin'.")
    private boolean image;

    @Option(names = "--promote", description = "Also move the tags CAPABILITY-VARIANT to it, which deployments follow.")
    private boolean promote;

    @Parameters(
            paramLabel = "REPOSITORY",
            converter = ReferenceConverter.class,
            description = "Where to put it; its last part is the model's name.")
    private Reference target;

    @Override
    public Integer call() throws IOException {
        ModelMetadata parsed = ModelMetadata.parse(Files.readAllBytes(metadata));
        Compression compression = plain ? Compression.NONE : Compression.AUTO;
        PushReport report = new PushReport(target);
        try (var shown = progress.start();
                PackedModel packed = new ModelPacker(compression, shown.listener()).pack(parsed, files())) {
            var pusher = new ModelPusher(registries.open(target), mountFrom.repositories(), shown.listener());
            Digest digest = pusher.release(packed);
            if (sbom != null) {
                pusher.attach(digest, MediaTypes.CYCLONEDX, Files.readAllBytes(sbom));
            }
            report.add(
                    "packed", parsed, digest, packed.manifest().contentSize(), new PushedTags(pusher, image, promote));
        }
        report.print(output, spec.commandLine().getOut());
        return 0;
    }

    private List<ModelFile> files() throws IOException {
        var files = new ArrayList<ModelFile>();
        weights.forEach(file -> files.add(ModelFile.of(file, ModelFile.Kind.WEIGHT)));
        configs.forEach(file -> files.add(ModelFile.of(file, ModelFile.Kind.CONFIG)));
        docs.forEach(file -> files.add(ModelFile.of(file, ModelFile.Kind.DOC)));
        if (golden != null) {
            files.addAll(GoldenFolder.files(golden));
        }
        return files;
    }
}
