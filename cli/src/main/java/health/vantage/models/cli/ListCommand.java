package health.vantage.models.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import health.vantage.models.artifact.ArtifactException;
import health.vantage.models.artifact.Digest;
import health.vantage.models.artifact.Reference;
import health.vantage.models.artifact.json.Json;
import health.vantage.models.artifact.metadata.ModelMetadata;
import health.vantage.models.artifact.registry.Repository;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code model ls}: versions by variants, what they can do and need, and who signed them. */
@Command(
        name = "ls",
        aliases = "list",
        mixinStandardHelpOptions = true,
        description = {
            "Lists a repository's models: versions by variants, with what they can do and need, and who signed them.",
            "A * is at the capabilities whose moving tag (such as cv3-jetson) leads to the model now."
        },
        footer = {
            "",
            "Example:",
            "  kubectl model ls --key model.pub --capability cv3 registry.example.com/vantage/retina-seg"
        })
final class ListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistryFlags registries;

    @Mixin
    private OutputFormat output;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "PEM",
            description = "A public key to check signatures with; may be repeated. Without one they are not checked.")
    private List<Path> keys = List.of();

    @Option(
            names = "--variant",
            split = ",",
            paramLabel = "NAME",
            description = "Only these variants; may be repeated.")
    private List<String> variants = List.of();

    @Option(
            names = "--capability",
            split = ",",
            paramLabel = "NAME",
            description = "Only what has all of these; may be repeated.")
    private List<String> capabilities = List.of();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "200",
            description = "Most tags to look at (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Parameters(paramLabel = "REPOSITORY", converter = ReferenceConverter.class)
    private Reference reference;

    @Override
    public Integer call() throws IOException {
        Repository repository = registries.open(reference);
        List<String> tags = repository.tags();
        Catalog catalog = Catalog.read(repository, tags, limit);
        if (catalog.models().isEmpty() && catalog.others().isEmpty()) {
            throw new ArtifactException.TagNotFound(
                    "",
                    List.of(),
                    "There is nothing in " + repository.reference()
                            + ", or it does not exist; put a model there with 'kubectl model pack' or 'push'");
        }
        List<Catalog.Entry> shown =
                catalog.models().stream().filter(this::isWanted).toList();
        var signedBy = new SignedBy(repository, new HashSet<>(tags), keys);
        Map<Digest, SignedBy.Answer> signatures = Catalog.inParallel(
                shown.stream().map(entry -> entry.model().digest()).toList(), signedBy::of);
        output.print(
                spec.commandLine().getOut(),
                facts(repository, catalog, shown, signatures),
                out -> print(catalog, shown, signatures, out));
        return 0;
    }

    private boolean isWanted(Catalog.Entry entry) {
        ModelMetadata metadata = entry.model().metadata();
        return (variants.isEmpty() || variants.contains(metadata.variant()))
                && metadata.capabilities().containsAll(capabilities);
    }

    private static ObjectNode facts(
            Repository repository,
            Catalog catalog,
            List<Catalog.Entry> shown,
            Map<Digest, SignedBy.Answer> signatures) {
        ObjectNode root = Json.newObject();
        root.put("repository", repository.reference().toString());
        var models = root.putArray("models");
        for (Catalog.Entry entry : shown) {
            ModelMetadata metadata = entry.model().metadata();
            ObjectNode node = models.addObject();
            node.put("version", metadata.version());
            node.put("variant", metadata.variant());
            node.put("digest", entry.model().digest().toString());
            node.put("format", metadata.model().format().jsonName());
            node.put("precision", metadata.model().precision().jsonName());
            node.put("vramMiB", metadata.model().vramMiB());
            node.put("sizeBytes", entry.model().sizeBytes());
            var list = node.putArray("capabilities");
            metadata.capabilities()
                    .forEach(capability ->
                            list.addObject().put("name", capability).put("current", entry.current(capability)));
            node.set("signed", signatures.get(entry.model().digest()).facts());
            node.put("image", entry.hasImage());
            var tags = node.putArray("tags");
            entry.tags().forEach(tags::add);
        }
        var others = root.putArray("otherTags");
        catalog.others()
                .forEach((tag, reason) -> others.addObject().put("tag", tag).put("reason", reason));
        root.put("tagsLeftOut", catalog.left());
        return root;
    }

    private void print(
            Catalog catalog, List<Catalog.Entry> shown, Map<Digest, SignedBy.Answer> signatures, PrintWriter out) {
        var table = new Table(
                "VERSION",
                "VARIANT",
                "CAPABILITIES",
                "FORMAT",
                "PRECISION",
                "VRAM",
                "SIZE",
                "SIGNED BY",
                "DIGEST",
                "IMAGE",
                "OTHER TAGS");
        for (Catalog.Entry entry : shown) {
            ModelMetadata metadata = entry.model().metadata();
            table.row(
                    metadata.version(),
                    metadata.variant(),
                    orDash(metadata.capabilities().stream()
                            .map(capability -> capability + (entry.current(capability) ? "*" : ""))
                            .collect(Collectors.joining(","))),
                    metadata.model().format().jsonName(),
                    metadata.model().precision().jsonName(),
                    metadata.model().vramMiB() + " MiB",
                    Bytes.of(entry.model().sizeBytes()),
                    signatures.get(entry.model().digest()).shown(),
                    entry.model().digest().shortHex(),
                    entry.hasImage() ? "yes" : "-",
                    orDash(String.join(",", entry.otherTags())));
        }
        table.print(out);
        catalog.others().forEach((tag, reason) -> out.println("no model: " + tag + " (" + reason + ")"));
        if (keys.isEmpty()
                && signatures.values().stream()
                        .anyMatch(answer -> answer.state().equals("unchecked"))) {
            out.println("Signatures are there but not checked: give public keys with --key.");
        }
        if (catalog.left() > 0) {
            out.println("... and " + catalog.left() + " more tags; see --limit");
        }
        out.flush();
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
