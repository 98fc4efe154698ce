package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.model.ModelArtifact;
import health.vantage.models.artifact.model.ModelReader;
import health.vantage.models.artifact.pack.ImageTwin;
import health.vantage.models.artifact.registry.Descriptor;
import health.vantage.models.artifact.registry.FetchedManifest;
import health.vantage.models.artifact.registry.Manifest;
import health.vantage.models.artifact.registry.MediaTypes;
import health.vantage.models.artifact.registry.Platform;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model inspect}: everything an artifact says of itself, without pulling it. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Shows an artifact's metadata, layers and what is attached to it; moves a few KB only.")
final class InspectCommand implements Callable<Integer> {
    private static final Map<String, String> BY_TAG = new TreeMap<>(
            Map.of(".sig", "cosign 2 signatures", ".att", "cosign 2 attestations", ".sbom", "cosign 2 SBOM"));

    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Option(names = "--raw", description = "Print the manifest as it is in the registry.")
    private boolean raw;

    @Parameters(paramLabel = "REFERENCE", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        Repository repository = registries.open(reference);
        FetchedManifest fetched = registries.fetch(repository, reference);
        PrintWriter out = spec.commandLine().getOut();
        if (raw) {
            out.println(Json.pretty(Json.object(fetched.bytes())));
            return 0;
        }
        switch (fetched.parsed()) {
            case Manifest.Index index -> release(repository, fetched, index, out);
            case Manifest.Artifact _ -> model(repository, fetched, out);
        }
        return 0;
    }

    private void release(Repository repository, FetchedManifest fetched, Manifest.Index index, PrintWriter out)
            throws IOException {
        ObjectNode facts = Json.newObject();
        facts.put("digest", fetched.digest().toString());
        var variants = facts.putArray("variants");
        var table = new Table("VARIANT", "VERSION", "FORMAT", "PRECISION", "VRAM", "SIZE", "FOR", "DIGEST");
        Optional<String> twinOf = Optional.ofNullable(index.annotations().get(ImageTwin.TWIN_OF));
        twinOf.ifPresent(model -> facts.put("twinOf", model));
        for (Descriptor entry : index.manifests()) {
            ModelArtifact model = ModelReader.read(repository, repository.manifest(entry.digest()));
            variants.add(Facts.of(model));
            var metadata = model.metadata();
            table.row(
                    metadata.variant(),
                    metadata.version(),
                    metadata.model().format().jsonName(),
                    metadata.model().precision().jsonName(),
                    metadata.model().vramMiB() + " MiB",
                    Bytes.of(model.sizeBytes()),
                    entry.platform().map(Platform::toString).orElse("any"),
                    model.digest());
        }
        output.print(out, facts, () -> {
            out.println((twinOf.isPresent() ? "Image " : "Release ")
                    + repository.reference().withDigest(fetched.digest())
                    + twinOf.map(model -> ", twin of " + model).orElse(""));
            table.print(out);
        });
    }

    private void model(Repository repository, FetchedManifest fetched, PrintWriter out) throws IOException {
        ModelArtifact model = ModelReader.read(repository, fetched);
        List<String> attached = attached(repository, model.digest());
        ObjectNode facts = Facts.of(model);
        var list = facts.putArray("attached");
        attached.forEach(list::add);
        output.print(out, facts, () -> print(repository, model, attached, out));
    }

    /** By what each says of itself: in cosign's older form under tags, in the newer one as referrers. */
    private static List<String> attached(Repository repository, Digest model) {
        var attached = new ArrayList<String>();
        List<String> tags = repository.tags();
        BY_TAG.forEach((suffix, what) -> {
            if (tags.contains("sha256-" + model.hex() + suffix)) {
                attached.add(what);
            }
        });
        repository.referrers(model).stream()
                .map(referrer -> repository
                        .manifest(referrer.digest())
                        .parsed()
                        .effectiveArtifactType()
                        .orElse("unknown"))
                .sorted()
                .forEach(attached::add);
        return attached;
    }

    private static String counted(List<String> attached) {
        return attached.stream()
                .distinct()
                .map(one -> {
                    int times = Collections.frequency(attached, one);
                    return times == 1 ? one : times + " x " + one;
                })
                .collect(Collectors.joining(", "));
    }

    private static void print(Repository repository, ModelArtifact model, List<String> attached, PrintWriter out) {
        var metadata = model.metadata();
        var provenance = metadata.provenance();
        var deployment = metadata.deployment();
        new Table("Model:", metadata.name() + " " + metadata.version() + " for " + metadata.variant())
                .row("Digest:", model.digest())
                .row("Repository:", repository.reference())
                .row(
                        "Format:",
                        metadata.model().format().jsonName() + ", "
                                + metadata.model().precision().jsonName())
                .row("Input:", shape(metadata.model().inputShape()))
                .row("Output:", shape(metadata.model().outputShape()))
                .row("VRAM:", metadata.model().vramMiB() + " MiB")
                .row("Latency:", metadata.model().latencyMs() + " ms")
                .row("Capabilities:", String.join(", ", metadata.capabilities()))
                .row("Trained:", provenance.trainedAt() + " by " + provenance.trainedBy())
                .row("Training run:", provenance.trainingRun())
                .row("Data set:", provenance.dataset())
                .row("Targets:", String.join(", ", deployment.targets()))
                .row(
                        "Needs:",
                        deployment.minCuda().map(v -> "CUDA " + v).orElse("no CUDA")
                                + deployment
                                        .minTensorRt()
                                        .map(v -> ", TensorRT " + v)
                                        .orElse(""))
                .row("Attached:", attached.isEmpty() ? "nothing" : counted(attached))
                .print(out);
        out.println();
        var layers = new Table("FILE", "SIZE", "TYPE", "DIGEST");
        for (Descriptor layer : model.manifest().layers()) {
            layers.row(
                    layer.annotation(MediaTypes.MODEL_FILEPATH).orElse("-"),
                    Bytes.of(layer.size()),
                    layer.mediaType().replace("application/vnd.cncf.model.", ""),
                    layer.digest().shortHex());
        }
        layers.print(out);
    }

    private static String shape(List<Long> shape) {
        return shape.stream().map(n -> n < 0 ? "?" : n.toString()).collect(Collectors.joining(" x "));
    }
}
